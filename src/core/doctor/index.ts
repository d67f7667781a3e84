/**
 * doctor: what stands between a connector and the PoPs, judged from what was measured. Read `measurements.ts`, then
 * `judge.ts`; `diagnosis.ts` makes of both what control is told, `occasions.ts` says when.
 */

export { EXAMINED_POPS_ASKED, EXAMINED_POPS_UNASKED } from './constants.ts';
export { diagnosisOf, waysOf } from './diagnosis.ts';
export { judge, megabits } from './judge.ts';
export type { Measurements, PopMeasurement, TlsMeasurement, UdpMeasurement } from './measurements.ts';
export { type Occasion, Occasions } from './occasions.ts';
