/** The one place where the process environment is read. */
export interface Environment {
  /** `MANIS_PORT_BASE` and its like; the empty string counts as not set. */
  readonly variables: ReadonlyMap<string, string>;
  /** https://no-color.org */
  readonly noColor: boolean;
}

export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  const ours = Object.entries(variables).flatMap(([name, value]) =>
    name.startsWith('MANIS_') && value ? [[name, value] as const] : [],
  );
  return { variables: new Map(ours), noColor: Boolean(variables['NO_COLOR']) };
}
