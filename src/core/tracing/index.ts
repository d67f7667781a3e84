/**
 * tracing: which trace a request belongs to, and whether it is recorded (W3C Trace Context). Read `traces.ts`.
 */
export { readTraceparent, type TraceParent, writeTraceparent } from './trace-context.ts';
export { type RequestTrace, Traces, type TracingChoice } from './traces.ts';
