/* object.c - facts that are no records, as one JSON object on a line: what a command found out.
 *
 *	{"type":"feature","name":"uretprobes","answer":"yes"}
 *
 * All values are texts. Bytes that are no UTF-8 are written as \u00XX of the byte, as json.c does it, so that
 * every line is valid whatever a stranger called his file.
 */
#include "out/out.h"

#include <string.h>

static void add_string(struct str *s, const char *text)
{
	size_t n = strlen(text);

	str_addc(s, '"');
	while (n > 0) {
		uint32_t code = (unsigned char)*text;
		unsigned len = str_utf8(text, n, &code);

		if (*text == '"' || *text == '\\')
			str_addf(s, "\\%c", *text);
		else if (len == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0))
			str_addf(s, "\\u%04x", (unsigned)code);
		else
			str_addn(s, text, len);
		len = len ? len : 1;
		text += len;
		n -= len;
	}
	str_addc(s, '"');
}

void out_object(struct str *s, const struct out_field *fields, size_t n)
{
	const char *separator = "{";

	for (size_t i = 0; i < n; i++) {
		if (!fields[i].text)
			continue;
		str_add(s, separator);
		add_string(s, fields[i].name);
		str_addc(s, ':');
		add_string(s, fields[i].text);
		separator = ",";
	}
	str_add(s, "}\n");
}
