use wasi_common::sync::WasiCtxBuilder;

pub fn built() -> Result<wasi_common::WasiCtx, wasi_common::StringArrayError> {
    Ok(WasiCtxBuilder::new().inherit_args()?.build())
}
