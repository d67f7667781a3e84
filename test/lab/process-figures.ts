/** What Linux tells about a process, from /proc (proc_pid_stat(5), proc_pid_status(5)). */
import { readFileSync } from 'node:fs';

/** USER_HZ: the kernel's interface counts CPU time in hundredths of a second on every architecture of today. */
const TICKS_PER_SECOND = 100;

/** CPU time that all threads of a process used so far, in seconds. Undefined once it is gone. */
export function cpuSeconds(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  return stat === undefined ? undefined : parseCpuSeconds(stat);
}

/** utime + stime of a line of /proc/PID/stat. The command's name may hold spaces and brackets. */
export function parseCpuSeconds(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Resident memory of a process in bytes. Undefined once it is gone. */
export function residentBytes(pid: number): number | undefined {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '');
  return match ? Number(match[1]) * 1024 : undefined;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
