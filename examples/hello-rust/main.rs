// Counts the primes of a range. An ordinary command: it reads `start end` and prints a number.

use std::io::{self, Read};

fn main() {
    let mut input = String::new();
    io::stdin().read_to_string(&mut input).expect("standard input is text");
    let numbers: Vec<u64> = input.split_whitespace().map(|word| word.parse().expect("a number")).collect();
    if numbers.len() != 2 {
        eprintln!("expected two numbers");
        std::process::exit(2);
    }
    println!("{}", (numbers[0]..numbers[1]).filter(|&n| is_prime(n)).count());
}

fn is_prime(n: u64) -> bool {
    n >= 2 && (2..).take_while(|d| d * d <= n).all(|d| n % d != 0)
}
