=== all
config = { missing_probes = warn; max_strlen = 200; str_trunc_trailer = "..."; max_map_keys = 10; max_probes = 5; max_cat_bytes = 100; print_maps_on_exit = false; cpp_demangle = 0; stack_mode = perf; perf_rb_pages = 64 }
BEGIN { }
---
config
 missing_probes = warn
 max_strlen = 200
 str_trunc_trailer = "..."
 max_map_keys = 10
 max_probes = 5
 max_cat_bytes = 100
 print_maps_on_exit = false
 cpp_demangle = false
 stack_mode = perf
 perf_rb_pages = 64
Program
 BEGIN

=== forgotten ones
config = { cache_user_symbols = "PER_PID"; lazy_symbolication = true; show_debug_info = 1; license = "GPL"; license = "Dual BSD/GPL"; log_size = 5; max_bpf_progs = 1; on_stack_limit = 32; unstable_tseries = "warn"; unstable_import = true; symbol_source = "dwarf"; unstable_macro = "enable"; }
BEGIN { }
---
Program
 BEGIN

=== words may be strings
config = { missing_probes = "ignore"; stack_mode = "raw"; }
BEGIN { }
---
config
 missing_probes = ignore
 stack_mode = raw
Program
 BEGIN

=== nothing
config = { } BEGIN { }
---
Program
 BEGIN

=== the tools'
config = {
  missing_probes = "ignore"
}

uprobe:libc:getaddrinfo { }
---
config
 missing_probes = ignore
Program
 uprobe:libc:getaddrinfo

=== old names
config = { strlen = 5; no_cpp_demangle = 1; cat_bytes_max = 7; map_keys_max = 8; } BEGIN { }
---
stdin:1:12-18: WARNING: strlen has been renamed, please use max_strlen
config = { strlen = 5; no_cpp_demangle = 1; cat_bytes_max = 7; map_keys_max = 8; } BEGIN { }
           ~~~~~~
stdin:1:24-39: WARNING: no_cpp_demangle has been renamed, please use cpp_demangle
config = { strlen = 5; no_cpp_demangle = 1; cat_bytes_max = 7; map_keys_max = 8; } BEGIN { }
                       ~~~~~~~~~~~~~~~
stdin:1:45-58: WARNING: cat_bytes_max has been renamed, please use max_cat_bytes
config = { strlen = 5; no_cpp_demangle = 1; cat_bytes_max = 7; map_keys_max = 8; } BEGIN { }
                                            ~~~~~~~~~~~~~
stdin:1:64-76: WARNING: map_keys_max has been renamed, please use max_map_keys
config = { strlen = 5; no_cpp_demangle = 1; cat_bytes_max = 7; map_keys_max = 8; } BEGIN { }
                                                               ~~~~~~~~~~~~
config
 max_strlen = 5
 max_map_keys = 8
 max_cat_bytes = 7
 cpp_demangle = false
Program
 BEGIN

=== unknown names
config = { max_strln = 5; foo = 1; } BEGIN { }
---
stdin:1:12-21: ERROR: Unrecognized config variable: max_strln
config = { max_strln = 5; foo = 1; } BEGIN { }
           ~~~~~~~~~
HINT: did you mean 'max_strlen'?
stdin:1:27-30: ERROR: Unrecognized config variable: foo
config = { max_strln = 5; foo = 1; } BEGIN { }
                          ~~~

=== wrong kinds
config = { max_strlen = "x"; print_maps_on_exit = 7; str_trunc_trailer = 5; missing_probes = 1; max_probes = 0; license = "MIT"; missing_probes = no } BEGIN { }
---
stdin:1:25-28: ERROR: Invalid type for max_strlen. Type: string. Expected Type: int
config = { max_strlen = "x"; print_maps_on_exit = 7; str_trunc_trailer = 5; missing_probes = 1; max_probes = 0; license = "MIT"; missing_probes = no } BEGIN { }
                        ~~~
stdin:1:51-52: ERROR: Invalid type for print_maps_on_exit. Type: int. Expected Type: bool
config = { max_strlen = "x"; print_maps_on_exit = 7; str_trunc_trailer = 5; missing_probes = 1; max_probes = 0; license = "MIT"; missing_probes = no } BEGIN { }
                                                  ~
stdin:1:74-75: ERROR: Invalid type for str_trunc_trailer. Type: int. Expected Type: string
config = { max_strlen = "x"; print_maps_on_exit = 7; str_trunc_trailer = 5; missing_probes = 1; max_probes = 0; license = "MIT"; missing_probes = no } BEGIN { }
                                                                         ~
stdin:1:94-95: ERROR: Invalid type for missing_probes. Type: int. Expected Type: string
config = { max_strlen = "x"; print_maps_on_exit = 7; str_trunc_trailer = 5; missing_probes = 1; max_probes = 0; license = "MIT"; missing_probes = no } BEGIN { }
                                                                                             ~
stdin:1:110-111: ERROR: max_probes is a number from 1 to 4294967295
config = { max_strlen = "x"; print_maps_on_exit = 7; str_trunc_trailer = 5; missing_probes = 1; max_probes = 0; license = "MIT"; missing_probes = no } BEGIN { }
                                                                                                             ~
stdin:1:123-128: ERROR: Invalid value for license: 'MIT'
config = { max_strlen = "x"; print_maps_on_exit = 7; str_trunc_trailer = 5; missing_probes = 1; max_probes = 0; license = "MIT"; missing_probes = no } BEGIN { }
                                                                                                                          ~~~~~
HINT: valid values: 'GPL', 'GPL v2', 'GPL and additional rights', 'Dual BSD/GPL', 'Dual MIT/GPL', 'Dual MPL/GPL'
stdin:1:147-149: ERROR: Invalid value for missing_probes: 'no'
config = { max_strlen = "x"; print_maps_on_exit = 7; str_trunc_trailer = 5; missing_probes = 1; max_probes = 0; license = "MIT"; missing_probes = no } BEGIN { }
                                                                                                                                                  ~~
HINT: valid values: 'error', 'warn', 'ignore'

=== wrong syntax
config = { max_strlen 5 } BEGIN { $x = }
---
stdin:1:23-24: ERROR: syntax error, unexpected integer, expecting =
config = { max_strlen 5 } BEGIN { $x = }
                      ~
stdin:1:40-41: ERROR: syntax error, unexpected }
config = { max_strlen 5 } BEGIN { $x = }
                                       ~

=== without its sign
config { max_strlen = 5 } BEGIN { }
---
stdin:1:8-9: ERROR: syntax error, unexpected {, expecting =
config { max_strlen = 5 } BEGIN { }
       ~

=== behind a probe
BEGIN { } config = { max_strlen = 10; foo = 2; }
---
stdin:1:11-17: ERROR: syntax error, unexpected config
BEGIN { } config = { max_strlen = 10; foo = 2; }
          ~~~~~~
HINT: the config block stands before the first probe
stdin:1:39-42: ERROR: Unrecognized config variable: foo
BEGIN { } config = { max_strlen = 10; foo = 2; }
                                      ~~~

=== without end
config = { max_strlen = 5
---
stdin:1:25-26: ERROR: syntax error, unexpected end of file, expecting ;
config = { max_strlen = 5
                        ~
