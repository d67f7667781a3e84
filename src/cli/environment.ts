/** The one place where the process environment is read. */
export interface Environment {
  /**
   * `MANIS_PORT_BASE` and its like; the empty string counts as not set. `MANIS_PROXY` and `MANIS_NO_PROXY` come from
   * the variables that everybody reads (HTTPS_PROXY, ALL_PROXY, NO_PROXY, in lower case too) where they are not set.
   */
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
  const own = new Map([...proxyVariables(variables), ...ours]);
  return { variables: own, noColor: Boolean(variables['NO_COLOR']), ofOthers: Object.fromEntries(others) };
}

/** This machine is never reached through a proxy unless `--no-proxy` says so. */
export const NEVER_PROXIED = ['localhost', '127.0.0.0/8', '::1'] as const;

function proxyVariables(variables: NodeJS.ProcessEnv): [string, string][] {
  const read = (name: string): string | undefined => variables[name] || variables[name.toLowerCase()] || undefined;
  const everything = read('ALL_PROXY');
  // A SOCKS proxy for everything else is no mistake; it is just not for us.
  const proxy = read('HTTPS_PROXY') ?? (/^(?!https?:)[a-z0-9]+:\/\//i.test(everything ?? '') ? undefined : everything);
  const exempt = (read('NO_PROXY') ?? '').split(/[\s,]+/).filter(Boolean);
  return [
    ...(proxy ? [['MANIS_PROXY', proxy.includes('://') ? proxy : `http://${proxy}`] as [string, string]] : []),
    ...(exempt.length > 0 ? [['MANIS_NO_PROXY', [...exempt, ...NEVER_PROXIED].join()] as [string, string]] : []),
  ];
}
