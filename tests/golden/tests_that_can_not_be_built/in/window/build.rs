fn main() {
    eprintln!("the system has no such library");
    std::process::exit(1);
}
