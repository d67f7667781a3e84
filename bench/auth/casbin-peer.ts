/**
 * The peer: Casbin with fifty policies of role, path, method and address, the last of which admits. It judges less (no
 * session, no time, no place, no device), so the comparison favours it.
 */
import { newEnforcer, newModelFromString, StringAdapter } from 'casbin';

const MODEL = `
[request_definition]
r = sub, obj, act, ip
[policy_definition]
p = sub, obj, act, ip, eft
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = g(r.sub, p.sub) && keyMatch2(r.obj, p.obj) && regexMatch(r.act, p.act) && ipMatch(r.ip, p.ip)
`;

const WARM_UP = 300;
const REQUESTS = 3_000;

/** Microseconds of each decision, ascending. */
export async function casbinTimes(): Promise<Float64Array> {
  const denied = Array.from({ length: 49 }, (_, i) => `p, role-${i}, /area-${i}/*, GET, 10.${i}.0.0/16, deny`);
  const lines = [
    ...denied,
    'p, engineering, /api/*, GET, 0.0.0.0/0, allow',
    'g, user-7, staff',
    'g, user-7, engineering',
  ];
  const enforcer = await newEnforcer(newModelFromString(MODEL), new StringAdapter(lines.join('\n')));
  const judge = (i: number): void => {
    if (!enforcer.enforceSync('user-7', `/api/v2/projects/${i}`, 'GET', '193.99.144.80'))
      throw new Error('not admitted');
  };
  for (let i = 0; i < WARM_UP; i++) judge(i);
  const times = new Float64Array(REQUESTS);
  for (let i = 0; i < REQUESTS; i++) {
    const startedMs = performance.now();
    judge(i);
    times[i] = (performance.now() - startedMs) * 1000;
  }
  return times.sort();
}
