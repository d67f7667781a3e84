/** Requests of several people from several places, some of them refused, and a tunnel that was silent for a moment. */
import { manis, type Network } from '../e2e/network.ts';
import { type Answer, Visitor, type VisitorOptions } from '../e2e/visitor.ts';
import { EMAIL, PASSWORD, PEOPLE } from './lively.ts';

const REQUESTS = 240;
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const SAFARI =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';
const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36';

/** Addresses of universities, which stay where they are. */
const FROM = ['130.149.7.201', '141.20.5.188', '129.132.19.216', '192.33.4.12', '18.9.22.69', '137.132.21.27'] as const;
const HOSTS = ['demo', 'grafana', 'git', 'tickets', 'status', 'payroll', 'wiki', 'builds', 'demo', 'home'] as const;
const PATHS = ['whoami', '', 'download?bytes=4000', 'missing', 'whoami', ''] as const;

/** A person with a browser, somewhere. */
class Person extends Visitor {
  readonly #fields: Readonly<Record<string, string>>;

  constructor(options: VisitorOptions, browser: string, from: string | undefined) {
    super(options);
    this.#fields = { 'user-agent': browser, ...(from !== undefined && { 'x-forwarded-for': from }) };
  }

  override ask(url: URL, form?: URLSearchParams, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return super.ask(url, form, { ...this.#fields, ...headers });
  }
}

/** @param believing a PoP that takes a visitor's word for where they are. */
export async function makeTraffic(network: Network, dataDir: string, believing: string | undefined): Promise<void> {
  const base = network.ready.apps[0]?.url ?? '';
  const people: Person[] = [];
  for (const [i, email] of [EMAIL, ...PEOPLE.map((person) => person.email)].entries()) {
    const isNear = i === 0 || believing === undefined;
    const options = { ca: network.ca, ...(!isNear && { via: believing }) };
    const person = new Person(
      options,
      [CHROME, FIREFOX, SAFARI][i % 3] ?? CHROME,
      isNear ? undefined : FROM[i % FROM.length],
    );
    await person.signIn(`${base}/whoami`, email, PASSWORD).catch(() => undefined);
    people.push(person);
  }
  people.push(new Person({ ca: network.ca, ...(believing !== undefined && { via: believing }) }, SAFARI, FROM[4]));
  const hook = base.replace('//demo.', '//hooks.');
  for (let i = 0; i < REQUESTS; i++) {
    const person = people[i % people.length];
    const url = base.replace('//demo.', `//${HOSTS[(i * 7) % HOSTS.length]}.`);
    await person?.open(`${url}/${PATHS[i % PATHS.length]}`).catch(() => undefined);
    if (i % 40 === 0) await person?.open(`${hook}/github?delivery=${i}&token=secret`).catch(() => undefined);
    if (i === REQUESTS / 2) manis(dataDir, 'drill', 'cut', 'Amsterdam');
    if (i === REQUESTS / 2 + 20) manis(dataDir, 'drill', 'heal');
  }
}
