// Loaded before a program (`--import`): its wall clock is wrong by MANIS_TEST_CLOCK_SHIFT_MS. Its stopwatch is not, as on
// a machine whose date was set wrong.
const shiftMs = Number(process.env.MANIS_TEST_CLOCK_SHIFT_MS);
const now = Date.now;
Date.now = () => now() + shiftMs;
