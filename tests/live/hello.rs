// The function of a tutorial, called in a loop that a release build unrolls.
fn hello(i: i32, len: usize) {
    println!("Hello, world! {} in loop {}", i, len);
}

fn main() {
    let name = std::env::args().next().unwrap();
    for i in 0..4 {
        hello(i, name.len());
    }
}
