/** The one place where the process environment is read. */
export interface Environment {
  /** `MANIS_PORT_BASE` and its like; the empty string counts as not set. */
  readonly variables: ReadonlyMap<string, string>;
  /** https://no-color.org */
  readonly noColor: boolean;
  /** Everything but ours: for processes that get their settings as flags. */
  readonly ofOthers: NodeJS.ProcessEnv;
}

export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  const ours = Object.entries(variables).flatMap(([name, value]) =>
    name.startsWith('MANIS_') && value ? [[name, value] as const] : [],
  );
  const others = Object.entries(variables).filter(([name]) => !name.startsWith('MANIS_'));
  return { variables: new Map(ours), noColor: Boolean(variables['NO_COLOR']), ofOthers: Object.fromEntries(others) };
}
