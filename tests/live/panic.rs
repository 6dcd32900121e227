// panic.rs - panics that pass through middle() and are caught above it: a return address that is not the program's own
// would end it.
use std::panic;

#[no_mangle]
#[inline(never)]
pub extern "C-unwind" fn middle(n: i64) -> i64 {
    let text = format!("{}", n);
    if n % 3 == 2 {
        panic!("at {}", text);
    }
    n * 10 + text.len() as i64
}

fn main() {
    panic::set_hook(Box::new(|_| {}));
    let mut sum = 0;
    for n in 0..9 {
        match panic::catch_unwind(|| middle(n)) {
            Ok(value) => sum += value,
            Err(_) => sum -= 1,
        }
    }
    println!("sum {}", sum);
}
