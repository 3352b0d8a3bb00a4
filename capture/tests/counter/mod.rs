//! An independent count of system calls, by an eBPF program that does nothing else (bpf/counter.bpf.c).

use aya::maps::PerCpuArray;
use aya::programs::BtfTracePoint;
use aya::{Btf, Ebpf, EbpfLoader};

#[repr(C, align(32))]
struct Aligned<T: ?Sized>(T);

#[cfg(target_arch = "x86_64")]
static OBJECT: &Aligned<[u8]> = &Aligned(*include_bytes!("../../bpf/counter.x86_64.bpf.o"));
#[cfg(not(target_arch = "x86_64"))]
static OBJECT: &Aligned<[u8]> = &Aligned(*include_bytes!("../../bpf/counter.aarch64.bpf.o"));

/// Counts from when it is made until it is dropped, leaving out this process, and all outside a control group when
/// one is given by its id and depth.
pub struct Counter(Ebpf);

impl Counter {
    pub fn attach(cgroup: Option<(u64, u32)>) -> Result<Counter, Box<dyn std::error::Error>> {
        let (id, level) = cgroup.unwrap_or_default();
        let btf = Btf::from_sys_fs()?;
        let mut ebpf = EbpfLoader::new()
            .btf(Some(&btf))
            .override_global("RECORDER_TGID", &std::process::id(), true)
            .override_global("CGROUP_ID", &id, true)
            .override_global("CGROUP_LEVEL", &level, true)
            .load(&OBJECT.0)?;
        let program: &mut BtfTracePoint =
            ebpf.program_mut("count_calls").ok_or("no program in the object")?.try_into()?;
        program.load("sys_exit", &btf)?;
        program.attach()?;
        Ok(Counter(ebpf))
    }

    /// Calls so far, by native number.
    #[allow(dead_code)] // what only counts is a comparison for benches
    pub fn counts(&self) -> Result<Vec<u64>, Box<dyn std::error::Error>> {
        let map: PerCpuArray<_, u64> =
            PerCpuArray::try_from(self.0.map("counts").ok_or("no map in the object")?)?;
        (0..map.len()).map(|number| Ok(map.get(&number, 0)?.iter().sum())).collect()
    }
}
