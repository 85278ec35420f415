// A block of imports.
pub(crate) async fn block() -> Result<(), Box<dyn std::error::Error>> {
    // the block
    Ok(())
}
