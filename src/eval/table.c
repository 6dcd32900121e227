/* table.c - the maps: a hash table each.
 *
 * Open addressing: an array of pointers, at most half full; an entry sits at the first free place from where its
 * hash points to, and when one goes, those behind it move up, so that there are no graves. All entries are in a
 * list too, the youngest last: loops walk it, and a map made with lruhash() keeps it in the order of use and
 * gives up its head when it is full.
 *
 * Keys are known by their bytes (value_key()). A scalar map has one entry, whose key has no bytes.
 *
 * bpftrace's print() and clear() take effect some time later, in another process than the probes; here all of
 * them take effect at once, in the order of the records.
 */
#include "eval/eval.h"

#include <stdlib.h>
#include <string.h>

struct entry {
	struct entry *older, *younger;
	union value key, value;
	void *key_memory, *value_memory;	/* what the values' pointers point into */
	size_t value_room;			/* bytes of value_memory */
	struct aggregate aggregate;		/* of maps of aggregates: value.aggregate points here */
	uint64_t hash;
	uint32_t len;
	char bytes[];				/* of the key */
};

struct table {
	const struct map *map;
	uint64_t max;			/* entries */
	bool aggregates;
	struct entry **places;
	size_t n_places;		/* a power of two */
	uint64_t n;			/* entries */
	struct entry *oldest, *youngest;
	struct map_entry *shown;	/* for table_entries(), table_walk() */
	size_t shown_room;
};

enum { FIRST_PLACES = 16 };

/* ---- keys ---- */

/* Multiply and fold, eight bytes at a time. Keys come from strangers, but a table is bounded (max_map_keys). */
static uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash_bytes(const char *bytes, size_t n)
{
	uint64_t hash = 0x9e3779b97f4a7c15ull ^ n, word;

	for (; n >= 8; n -= 8, bytes += 8) {
		memcpy(&word, bytes, 8);
		hash = mix(hash ^ word, 0xd6e8feb86659fd93ull);
	}
	if (n) {
		word = 0;
		memcpy(&word, bytes, n);
		hash = mix(hash ^ word, 0xa0761d6478bd642full);
	}
	return hash;
}

static bool is_number(const struct type *t)
{
	return type_is_integer(t) || t->kind == TYPE_POINTER;
}

void table_key(const struct type *t, const union value *v, struct str *room, struct table_key *out)
{
	out->value = v;
	if (is_number(t)) {			/* the two most common kinds need no copy */
		out->bytes = (const char *)&v->n;
		out->len = sizeof(v->n);
	} else if (t->kind == TYPE_STRING) {
		out->bytes = v->text.data;
		out->len = v->text.len;
	} else {
		str_clear(room);
		value_key(t, v, room);
		out->bytes = room->s;
		out->len = (uint32_t)room->len;
	}
	out->hash = hash_bytes(out->bytes, out->len);
}

static const struct table_key no_key = { .bytes = "" };

/* ---- places ---- */

static bool is_of(const struct entry *entry, const struct table_key *key)
{
	return entry->hash == key->hash && entry->len == key->len && memcmp(entry->bytes, key->bytes, key->len) == 0;
}

/* Where the key is, or would be. */
static size_t place_of(const struct table *t, const struct table_key *key)
{
	size_t mask = t->n_places - 1, i = key->hash & mask;

	while (t->places[i] && !is_of(t->places[i], key))
		i = (i + 1) & mask;
	return i;
}

static void grow(struct table *t)
{
	size_t n = t->n_places ? 2 * t->n_places : FIRST_PLACES;

	free(t->places);
	t->places = mem_alloc(n * sizeof(struct entry *));
	t->n_places = n;
	for (struct entry *entry = t->oldest; entry; entry = entry->younger) {
		size_t i = entry->hash & (n - 1);

		while (t->places[i])
			i = (i + 1) & (n - 1);
		t->places[i] = entry;
	}
}

/* Frees a place, and moves up those behind it that would not be found any more. */
static void vacate(struct table *t, size_t hole)
{
	size_t mask = t->n_places - 1;

	for (size_t i = (hole + 1) & mask; t->places[i]; i = (i + 1) & mask) {
		size_t home = t->places[i]->hash & mask;

		if (((i - home) & mask) >= ((i - hole) & mask)) {
			t->places[hole] = t->places[i];
			hole = i;
		}
	}
	t->places[hole] = NULL;
}

/* ---- the list ---- */

static void unlink_entry(struct table *t, struct entry *entry)
{
	*(entry->older ? &entry->older->younger : &t->oldest) = entry->younger;
	*(entry->younger ? &entry->younger->older : &t->youngest) = entry->older;
}

static void link_youngest(struct table *t, struct entry *entry)
{
	entry->older = t->youngest;
	entry->younger = NULL;
	*(t->youngest ? &t->youngest->younger : &t->oldest) = entry;
	t->youngest = entry;
}

static void used(struct table *t, struct entry *entry)
{
	if (t->map->lru && entry != t->youngest) {
		unlink_entry(t, entry);
		link_youngest(t, entry);
	}
}

/* ---- entries ---- */

static void free_entry(struct entry *entry)
{
	free(entry->key_memory);
	free(entry->value_memory);
	free(entry->aggregate.buckets);
	free(entry->aggregate.intervals);
	free(entry);
}

static void remove_at(struct table *t, size_t place)
{
	struct entry *entry = t->places[place];

	vacate(t, place);
	unlink_entry(t, entry);
	t->n--;
	free_entry(entry);
}

static void remove_oldest(struct table *t)
{
	struct table_key key = { .bytes = t->oldest->bytes, .len = t->oldest->len, .hash = t->oldest->hash };

	remove_at(t, place_of(t, &key));
}

static struct entry *find(struct table *t, const struct table_key *key)
{
	struct entry *entry = t->n ? t->places[place_of(t, key)] : NULL;

	if (entry)
		used(t, entry);
	return entry;
}

static struct entry *add(struct table *t, const struct table_key *key)
{
	struct entry *entry;

	if (t->n >= t->max) {
		if (!t->map->lru || !t->n)
			return NULL;
		remove_oldest(t);
	}
	if (2 * (t->n + 1) > t->n_places)
		grow(t);
	entry = mem_alloc(sizeof(*entry) + key->len);
	entry->hash = key->hash;
	entry->len = key->len;
	if (key->len)
		memcpy(entry->bytes, key->bytes, key->len);
	if (key->value && t->map->key)
		entry->key_memory = value_copy(t->map->key, key->value, &entry->key);
	if (t->aggregates)
		entry->value.aggregate = &entry->aggregate;
	t->places[place_of(t, key)] = entry;
	link_youngest(t, entry);
	t->n++;
	return entry;
}

static struct entry *find_or_add(struct table *t, const struct table_key *key)
{
	struct entry *entry = find(t, key);

	return entry ? entry : add(t, key);
}

/* ---- the front door ---- */

struct table *table_new(const struct map *m, const struct program *p)
{
	struct table *t = mem_alloc(sizeof(*t));

	t->map = m;
	t->max = m->max_keys ? m->max_keys : p->config.max_map_keys ? p->config.max_map_keys : 4096;
	t->aggregates = m->value && type_is_aggregate(m->value);
	return t;
}

void table_free(struct table *t)
{
	if (!t)
		return;
	table_clear(t);
	free(t->places);
	free(t->shown);
	free(t);
}

const union value *table_get(struct table *t, const struct table_key *key)
{
	struct entry *entry = find(t, key ? key : &no_key);

	return entry ? &entry->value : NULL;
}

bool table_has_value(const struct table *t, const union value *v)
{
	for (const struct entry *entry = t->oldest; entry; entry = entry->younger)
		if (&entry->value == v)
			return true;
	return false;
}

bool table_set(struct table *t, const struct table_key *key, const union value *v)
{
	struct entry *entry = find_or_add(t, key ? key : &no_key);
	size_t room = value_room(t->map->value, v);

	if (!entry)
		return false;
	if (room > entry->value_room) {
		free(entry->value_memory);
		entry->value_memory = mem_alloc(room);
		entry->value_room = room;
	}
	value_copy_to(t->map->value, v, &entry->value, entry->value_memory);
	return true;
}

struct aggregate *table_aggregate(struct table *t, const struct table_key *key)
{
	struct entry *entry = find_or_add(t, key ? key : &no_key);

	return entry ? &entry->aggregate : NULL;
}

bool table_delete(struct table *t, const struct table_key *key)
{
	size_t place;

	if (!t->n)
		return false;
	place = place_of(t, key ? key : &no_key);
	if (!t->places[place])
		return false;
	remove_at(t, place);
	return true;
}

void table_clear(struct table *t)
{
	for (struct entry *entry = t->oldest, *next; entry; entry = next) {
		next = entry->younger;
		free_entry(entry);
	}
	t->oldest = t->youngest = NULL;
	t->n = 0;
	if (t->n_places)
		memset(t->places, 0, t->n_places * sizeof(*t->places));
}

static void zero_items(const struct type *t, union value *v);

/* Text becomes empty, numbers 0; what a tuple or array is made of is still there. */
static void zero_value(const struct type *t, union value *v)
{
	switch (t->kind) {
	case TYPE_ARRAY:
	case TYPE_TUPLE:
		zero_items(t, v);
		break;
	case TYPE_STRING:
	case TYPE_BUFFER:
		*v = (union value){ .text = { .data = "" } };
		break;
	case TYPE_INET:
	case TYPE_MAC:
	case TYPE_STRUCT:
		memset((void *)(uintptr_t)v->text.data, 0, v->text.len);
		break;
	default:
		memset(v, 0, sizeof(*v));
	}
}

/* The items are in the entry's own memory. */
static void zero_items(const struct type *t, union value *v)
{
	uint64_t n = t->kind == TYPE_ARRAY ? t->count : t->layout->n_members;
	union value *items = (union value *)(uintptr_t)v->items;

	for (uint64_t i = 0; i < n; i++)
		zero_value(t->kind == TYPE_ARRAY ? t->of : t->layout->members[i].type, &items[i]);
}

void table_zero(struct table *t)
{
	for (struct entry *entry = t->oldest; entry; entry = entry->younger) {
		if (t->aggregates) {
			free(entry->aggregate.buckets);
			free(entry->aggregate.intervals);
			memset(&entry->aggregate, 0, sizeof(entry->aggregate));
		} else {
			zero_value(t->map->value, &entry->value);
		}
	}
}

uint64_t table_len(const struct table *t)
{
	return t->n;
}

/* ---- in order ---- */

const struct map_entry *table_walk(struct table *t, unsigned *n)
{
	size_t i = 0;

	if (t->shown_room < t->n) {
		t->shown_room = t->n;
		t->shown = mem_resize(t->shown, t->shown_room * sizeof(*t->shown));
	}
	for (struct entry *entry = t->oldest; entry; entry = entry->younger)
		t->shown[i++] = (struct map_entry){ t->map->key ? &entry->key : NULL, &entry->value };
	*n = (unsigned)t->n;
	return t->shown;
}

static uint64_t hits(const struct type *t, const struct aggregate *a)
{
	uint64_t sum = 0;

	for (unsigned i = 0; a->buckets && i < aggregate_buckets(t); i++)
		sum += a->buckets[i];
	return sum;
}

static int by_key(const void *x, const void *y, void *map)
{
	const struct map_entry *a = x, *b = y;
	const struct map *m = map;

	return m->key ? value_compare(m->key, a->key, b->key) : 0;
}

static int by_value(const void *x, const void *y, void *map)
{
	const struct map_entry *a = x, *b = y;
	const struct map *m = map;
	int order = value_compare(m->value, a->value, b->value);

	return order ? order : by_key(x, y, map);
}

static int by_hits(const void *x, const void *y, void *map)
{
	const struct map_entry *a = x, *b = y;
	const struct map *m = map;
	uint64_t na = hits(m->value, a->value->aggregate), nb = hits(m->value, b->value->aggregate);

	return na != nb ? (na < nb ? -1 : 1) : by_key(x, y, map);
}

const struct map_entry *table_entries(struct table *t, unsigned top, unsigned *n)
{
	const struct type *value = t->map->value;
	unsigned skip;

	table_walk(t, n);
	if (*n > 1)
		qsort_r(t->shown, *n, sizeof(*t->shown),
			value->kind == TYPE_HIST || value->kind == TYPE_LHIST ? by_hits :
			value->kind == TYPE_INT || (t->aggregates && value->kind != TYPE_TSERIES) ? by_value : by_key,
			(void *)(uintptr_t)t->map);
	skip = top && top < *n ? *n - top : 0;
	*n -= skip;
	return t->shown + skip;
}
