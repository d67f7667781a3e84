/** Ends an exhaustive `switch`: does not type-check while a variant is left, throws if one arrives all the same. */
export function assertNever(value: never): never {
  throw new Error(`unreachable variant: ${JSON.stringify(value)}`);
}
