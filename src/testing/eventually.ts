/** Waiting in tests: for as long as a slow machine may need, and then with a word about what did not come. */
import assert from 'node:assert/strict';

/** Shorter than the limit of a test, which would not say what was waited for. */
const PATIENCE_MS = 60_000;
const POLL_MS = 10;
// A test may have a clock of its own in their place.
const { setTimeout, clearTimeout } = globalThis;

/** Asks until the answer is right, and gives it. */
export async function eventually<Value>(
  ask: () => Value | Promise<Value>,
  isRight: (value: Value) => boolean = Boolean,
): Promise<Value> {
  const lateMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const value = await ask();
    if (isRight(value)) return value;
    assert.ok(performance.now() < lateMs, `waited in vain for ${ask}, ${isRight}: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Waits for a promise. @param what it is; of a condition its text is told. */
export async function patiently<Value>(comes: Promise<Value>, what: string | (() => unknown)): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    // Nobody waits any more where this is all that a process still has to do.
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), PATIENCE_MS).unref();
  });
  try {
    return await Promise.race([comes, late]);
  } finally {
    clearTimeout(timer);
  }
}
