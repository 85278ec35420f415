//! Link settings of a Python extension module.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // The interpreter that loads the module has the symbols; macOS must be told, maturin tells it, too.
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("macos") {
        println!("cargo:rustc-cdylib-link-arg=-undefined");
        println!("cargo:rustc-cdylib-link-arg=dynamic_lookup");
    }
}
