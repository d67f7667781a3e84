/** Sites, and what leads into them. */
import type { CommandCase } from './command-case.ts';

const noSuch = (noun: string) =>
  [`${noun} show nowhere`, /^manis: there is no .+ called "nowhere"; see manis .+ list$/m] as const;

export const PLACE_CASES: readonly CommandCase[] = [
  {
    line: 'site add shop{n}',
    says: /^name +shop1$/m,
    wrong: ['site add', /^manis: NAME is missing: manis site add NAME$/m],
    keep: 'site',
  },
  { line: 'site list', says: /^NAME +CREATED\nhome +\S/, wrong: ['site list --sort size', /--sort.*one of name/] },
  {
    line: 'site show shop1',
    says: /^id +sit_/,
    wrong: ['site show shpo1', /no site called "shpo1"; did you mean "shop1"\?/],
  },
  {
    line: 'site update shop{n} --name store{n}',
    says: /^name +store1$/m,
    wrong: ['site update store1', /--name .*is missing/],
  },
  {
    line: 'site remove store{n}',
    says: /^Removed the site store1\.$/m,
    wrong: ['site remove nowhere', /no site called/],
  },
  {
    line: 'connector add --site home',
    says: /manis connector join \S+$/m,
    wrong: ['connector add --site x', /no site called "x"/],
  },
  {
    line: 'connector list',
    says: /^NAME +SITE +DRAINING[^\n]*\nattic +home +no/,
    wrong: ['connector lst', /did you mean "manis connector list"/],
  },
  { line: 'connector show attic', says: /^site +home$/m, wrong: noSuch('connector') },
  {
    line: 'connector drain attic',
    says: /^attic gets no new work\.$/m,
    wrong: ['connector drain', /CONNECTOR is missing/],
  },
  { line: 'connector resume attic', says: /^attic gets work again\.$/m, wrong: ['connector resume x', /no connector/] },
  {
    line: 'connector diagnosis attic',
    says: /found out nothing yet/,
    wrong: ['connector diagnosis x', /no connector/],
  },
  {
    line: 'connector examine attic',
    says: /manis connector diagnosis attic/,
    wrong: ['connector examine x', /no connector/],
  },
  {
    line: 'device add router{n} --site home --pop ams',
    says: /^\[Interface\]/m,
    wrong: ['device add r --pop x', /no PoP called "x"/],
  },
  {
    line: 'device list',
    says: /^NAME +SITE +[\s\S]*router1 +home/,
    wrong: ['device list x', /"x" is one word too many/],
  },
  { line: 'device show router1', says: /^pop +ams$/m, wrong: noSuch('device') },
  {
    line: 'device configuration router1',
    says: /^\[Peer\]/m,
    wrong: ['device configuration x', /no WireGuard device/],
  },
  {
    line: 'device move router1 --pop ams',
    says: /^\[Interface\]/m,
    wrong: ['device move router1', /--pop .*is missing/],
  },
  {
    line: 'device remove router{n}',
    says: /^Removed the WireGuard device router1\./m,
    wrong: ['device remove x', /no WireGuard device/],
  },
  {
    line: 'pop add osl{n} --latitude 59.9 --longitude 10.7',
    says: /manis pop join \S+$/m,
    wrong: ['pop add osl --latitude 100', /from -90 to 90/],
  },
  { line: 'pop list', says: /^NAME +[\s\S]*ams/, wrong: ['pop list --sort size', /--sort/] },
  { line: 'pop show ams', says: /^name +ams$/m, wrong: noSuch('pop') },
  { line: 'pop drain ams', says: /^ams gets no new work\.$/m, wrong: ['pop drain x', /no PoP/] },
  { line: 'pop resume ams', says: /^ams gets work again\.$/m, wrong: ['pop resume x', /no PoP/] },
  {
    line: 'status',
    says: /^Snapshot \d+\.\d+\n[\s\S]*^ams +serving/m,
    wrong: ['statsu', /did you mean "manis status"/],
  },
  { line: 'drill cut ams', says: /^Cut the tunnel to ams/m, wrong: ['drill cut x', /no PoP/] },
  {
    line: 'drill heal',
    says: /^Healed\.$/m,
    wrong: ['drill heal x', /one word too many/],
  },
];

/** At the end: what was there goes. */
export const LAST_PLACE_CASES: readonly CommandCase[] = [
  {
    line: 'connector remove {connector{n}}',
    says: /^Removed the connector attic\.$/m,
    wrong: ['connector remove x', /no connector/],
  },
  { line: 'pop remove {pop{n}}', says: /^Removed the PoP ams\.$/m, wrong: ['pop remove x', /no PoP/] },
];
