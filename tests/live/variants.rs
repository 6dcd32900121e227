// Enums with fields, by value and behind references.
use std::hint::black_box;

pub enum Shape { Empty, Circle(u32), Rect { w: u16, h: u64 } }

pub struct Holder { pub id: u32, pub shape: Shape, pub next: Option<Box<Holder>> }

#[inline(never)]
#[no_mangle]
pub fn opt(x: Option<u32>, n: u32) -> u32 { black_box(x.map_or(0, |v| v + n)) }

#[inline(never)]
#[no_mangle]
pub fn niche(x: Option<&u32>) -> u32 { black_box(x.map_or(0, |v| *v)) }

#[inline(never)]
#[no_mangle]
pub fn res(x: Result<u64, u8>) -> u64 { black_box(match x { Ok(v) => v, Err(e) => e as u64 }) }

#[inline(never)]
#[no_mangle]
pub fn shape(s: &Shape) -> u64 {
    black_box(match s { Shape::Empty => 0, Shape::Circle(r) => *r as u64, Shape::Rect { w, h } => *w as u64 * *h })
}

#[inline(never)]
#[no_mangle]
pub fn holder(h: &Holder) -> u64 { black_box(h.id as u64 + h.next.as_ref().map_or(0, |n| holder(n)) + shape(&h.shape)) }

fn main() {
    let last = Holder { id: 2, shape: Shape::Empty, next: None };
    let first = Holder { id: 1, shape: Shape::Rect { w: 3, h: 40 }, next: Some(Box::new(last)) };
    let n = 9;
    let mut sum = opt(Some(5), 1) as u64 + opt(None, 1) as u64;

    sum += niche(Some(&n)) as u64 + niche(None) as u64;
    sum += res(Ok(77)) + res(Err(8));
    sum += shape(&Shape::Empty) + shape(&Shape::Circle(12)) + shape(&first.shape);
    sum += holder(black_box(&first));
    std::process::exit((sum == 0) as i32);
}
