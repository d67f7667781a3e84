/**
 * The handful of C library calls behind UDP offload, through node:ffi (experimental in Node 26, hence only here).
 * Structures live in one ArrayBuffer: small typed arrays may sit on V8's moving heap, where an address is not stable.
 */
import { createRequire } from 'node:module';

export interface NativeSockets {
  socket(family: number, type: number, protocol: number): number;
  bind(fd: number, address: bigint, size: number): number;
  connect(fd: number, address: bigint, size: number): number;
  close(fd: number): number;
  setsockopt(fd: number, level: number, name: number, value: bigint, size: number): number;
  sendmsg(fd: number, message: bigint, flags: number): number | bigint;
  recvmsg(fd: number, message: bigint, flags: number): number | bigint;
  errno(): number;
  /** A stable address of the buffer's bytes; the caller keeps the buffer alive. */
  pointer(buffer: ArrayBuffer): bigint;
}

interface Ffi {
  dlopen(
    path: null,
    definitions: Record<string, { arguments: string[]; return: string }>,
  ): { functions: Record<string, (...values: (number | bigint)[]) => number | bigint> };
  getRawPointer(buffer: ArrayBuffer): bigint;
  getInt32(pointer: bigint): number;
}

const DEFINITIONS = {
  socket: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
  bind: { arguments: ['i32', 'pointer', 'u32'], return: 'i32' },
  connect: { arguments: ['i32', 'pointer', 'u32'], return: 'i32' },
  close: { arguments: ['i32'], return: 'i32' },
  setsockopt: { arguments: ['i32', 'i32', 'i32', 'pointer', 'u32'], return: 'i32' },
  sendmsg: { arguments: ['i32', 'pointer', 'i32'], return: 'i64' },
  recvmsg: { arguments: ['i32', 'pointer', 'i32'], return: 'i64' },
  __errno_location: { arguments: [], return: 'pointer' },
};

let loaded: NativeSockets | undefined | null = null;

/** The calls, or undefined where this machine or this Node has no node:ffi or is not 64-bit little-endian Linux. */
export function nativeSockets(): NativeSockets | undefined {
  if (loaded === null) loaded = load();
  return loaded;
}

function load(): NativeSockets | undefined {
  if (process.platform !== 'linux' || (process.arch !== 'x64' && process.arch !== 'arm64')) return undefined;
  try {
    const ffi = createRequire(import.meta.url)('node:ffi') as Ffi;
    const { functions } = ffi.dlopen(null, DEFINITIONS);
    const call = functions as unknown as NativeSockets & { __errno_location(): bigint };
    return {
      socket: call.socket,
      bind: call.bind,
      connect: call.connect,
      close: call.close,
      setsockopt: call.setsockopt,
      sendmsg: call.sendmsg,
      recvmsg: call.recvmsg,
      errno: () => ffi.getInt32(call.__errno_location()),
      pointer: (buffer) => ffi.getRawPointer(buffer),
    };
  } catch {
    return undefined;
  }
}
