use wasmtime::component::{Linker, Resource, ResourceTable};
use wasmtime_wasi::p2::IoView;

wasmtime::component::bindgen!({ inline: "package a:b; interface gpu { resource buffer { constructor(); } } world w { import gpu; }", with: { "a:b/gpu/buffer": Buffer } });

pub struct Buffer;

pub trait GpuView: IoView + Send {}

pub struct GpuImpl<T>(pub T);

impl<T: GpuView> IoView for GpuImpl<T> {
    fn table(&mut self) -> &mut ResourceTable {
        self.0.table()
    }
}

impl<T: GpuView> IoView for GpuRef<'_, T> {
    fn table(&mut self) -> &mut ResourceTable {
        self.0.table()
    }
}

pub struct GpuRef<'a, T>(&'a mut T);

impl<T: GpuView> a::b::gpu::Host for GpuRef<'_, T> {}

impl<T: GpuView> a::b::gpu::HostBuffer for GpuRef<'_, T> {
    fn new(&mut self) -> Resource<Buffer> {
        self.table().push(Buffer).unwrap()
    }

    fn drop(&mut self, it: Resource<Buffer>) -> wasmtime::Result<()> {
        self.table().delete(it)?;
        Ok(())
    }
}

struct HasGpu<T>(std::marker::PhantomData<T>);

impl<T: 'static> wasmtime::component::HasData for HasGpu<T> {
    type Data<'a> = GpuRef<'a, T>;
}

pub fn add_to_linker<T: GpuView + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    a::b::gpu::add_to_linker::<_, HasGpu<T>>(linker, |it| GpuRef(it))
}
