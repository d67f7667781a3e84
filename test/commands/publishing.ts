/** What is published, who may open it, and the names and certificates that it has. */
import type { CommandCase } from './command-case.ts';

const noSuch = (line: string, title: string) =>
  [`${line} nothing`, new RegExp(`there is no ${title} called "nothing"`)] as const;

const RESOURCES: readonly CommandCase[] = [
  {
    line: 'resource add app{n} --host app{n}.manis.localhost --target http://localhost:300{n} --site home',
    says: /^url +https:\/\/app1\.manis\.localhost:8443\/\nid +res_/,
    wrong: ['resource add app', /--host: needed/],
  },
  {
    line: 'resource list',
    says: /^NAME +WHERE +KIND[\s\S]*app1 +https:\/\/app1\.manis\.localhost:8443\/ +http/,
    wrong: ['resource list --sort size', /--sort/],
  },
  {
    line: 'resource show app1',
    says: /^url +https:\/\/app1[\s\S]*^source +by hand$/m,
    wrong: ['resource show ap1', /no resource called "ap1"; did you mean "app1"\?/],
  },
  {
    line: 'resource update app1 --sticky cookie --enabled true',
    says: /^sticky +cookie$/m,
    wrong: ['resource update app1 --sticky jam', /one of none, cookie/],
  },
  {
    line: 'resource http check {http}',
    says: /1 route, nothing wrong/,
    wrong: ['resource http check {bad}', /bad\.yaml:1: /],
    plain: true,
  },
  {
    line: 'resource http apply app1 {http}',
    says: /^routes:\n/,
    wrong: ['resource http apply app1 {bad}', /bad\.yaml:1: /],
  },
  { line: 'resource http show app1', says: /^routes:\n/, wrong: noSuch('resource http show', 'resource') },
  {
    line: 'resource maintenance app1 --off',
    says: /^The application is shown\.$/m,
    wrong: ['resource maintenance app1', /either --on or --off/],
  },
  {
    line: 'resource capture app1 --on',
    says: /^Requests are captured\.$/m,
    wrong: ['resource capture app1 --on --off', /one of --on, --off/],
  },
  { line: 'resource listeners app1', says: /^POP +PORT +STATE\nams/, wrong: noSuch('resource listeners', 'resource') },
  {
    line: 'target add app1 http://10.0.0.{n}:8080 --site home',
    says: /^url +http:\/\/10\.0\.0\.1:8080$/m,
    wrong: ['target add app1 ftp://10.0.0.1 --site home', /url/],
  },
  {
    line: 'target list',
    says: /^ID +URL +RESOURCE +SITE[\s\S]*http:\/\/10\.0\.0\.1:8080 +app1 +home/,
    wrong: ['target list --sort size', /--sort/],
  },
  { line: 'target show http://10.0.0.1:8080', says: /^resource +app1$/m, wrong: noSuch('target show', 'target') },
  {
    line: 'target update http://10.0.0.1:8080 --check /health',
    says: /^check kind +http$/m,
    wrong: ['target update http://10.0.0.1:8080 --weight x', /--weight.*whole number/],
  },
  {
    line: 'target health http://10.0.0.1:8080',
    says: /^POP +CONNECTOR +STATE/m,
    wrong: noSuch('target health', 'target'),
  },
  {
    line: 'target remove http://10.0.0.{n}:8080',
    says: /^Removed the target http:\/\/10\.0\.0\.1:8080\.$/m,
    wrong: noSuch('target remove', 'target'),
  },
];

const POLICIES: readonly CommandCase[] = [
  {
    line: 'policy check {policy}',
    says: /1 rule, nothing wrong/,
    wrong: ['policy check {bad}', /bad\.yaml:1: /],
    plain: true,
  },
  {
    line: 'policy update app1 {policy}',
    says: /^# Saved: [\s\S]*^rules:$/m,
    wrong: ['policy update app1 {bad}', /bad\.yaml:1: /],
  },
  { line: 'policy show app1', says: /^rules:$/m, wrong: noSuch('policy show', 'resource') },
  {
    line: 'policy explain app1 --role member',
    says: /^Everybody who has signed in \(everybody\): decided\n {2}no condition$/m,
    wrong: ['policy explain app1 --user x --guest y@example.com', /one of --user/],
  },
  {
    line: 'policy admit app1 pin',
    says: /^# Saved: [\s\S]*credentials:\n +- pin/m,
    wrong: ['policy admit app1 smile', /smile|credentials/],
  },
  {
    line: 'policy update-organisation {empty-policy}',
    says: /^# Saved: /,
    wrong: ['policy update-organisation {bad}', /bad\.yaml:1: /],
  },
  {
    line: 'policy show-organisation',
    says: /^rules: \[\]$/m,
    wrong: ['policy show-organization', /did you mean "manis policy show-organisation"/],
  },
  {
    line: 'list add office{n} --kind addresses --entry 192.0.2.0/24',
    says: /^office1: 1 addresses$/m,
    wrong: ['list add office --kind smells', /--kind.*one of addresses/],
  },
  {
    line: 'list list',
    says: /^NAME +KIND +ENTRIES\noffice1 +addresses +1/,
    wrong: ['list lsit', /did you mean "manis list list"/],
  },
  { line: 'list show office1', says: /^192\.0\.2\.0\/24$/m, wrong: ['list show attic', /attic/] },
  { line: 'list remove office{n}', says: /^Removed the list office1\.$/m, wrong: ['list remove', /NAME is missing/] },
];

const NAMES: readonly CommandCase[] = [
  {
    line: 'domain add d{n}.example.com --mode cname',
    says: /^d1\.example\.com is waiting[\s\S]*^unknown +CNAME record/m,
    wrong: ['domain add d.example.com --mode sail', /--mode.*one of zone/],
  },
  {
    line: 'domain list',
    says: /^NAME +MODE[\s\S]*d1\.example\.com +cname/,
    wrong: ['domain list x', /one word too many/],
  },
  { line: 'domain show d1.example.com', says: /^unknown +CNAME record/m, wrong: noSuch('domain show', 'domain') },
  {
    line: 'domain update d1.example.com --hsts true',
    says: /^d1\.example\.com is waiting/,
    wrong: ['domain update d1.example.com --hsts maybe', /--hsts/],
  },
  {
    line: 'domain verify d1.example.com',
    says: /^d1\.example\.com is waiting/,
    wrong: noSuch('domain verify', 'domain'),
  },
  {
    line: 'domain remove d{n}.example.com',
    says: /^Removed the domain d1\.example\.com\.$/m,
    wrong: noSuch('domain remove', 'domain'),
  },
  {
    line: 'acme set --directory https://directory.example/dir --agree-to-terms true',
    says: /^directory url +https:\/\/directory\.example\/dir$/m,
    wrong: ['acme set --directory nonsense', /directory/i],
  },
  { line: 'acme show', says: /^directory url +https/m, wrong: ['acme shwo', /did you mean "manis acme show"/] },
  {
    line: 'certificate list',
    says: /^ID +SOURCE +STATE[\s\S]*wiki\.manis\.localhost/,
    wrong: ['certificate list x', /one word too many/],
  },
  {
    line: 'certificate show wiki.manis.localhost',
    says: /^id +wiki\.manis\.localhost$/m,
    wrong: ['certificate show nothing.example', /nothing\.example/],
  },
  {
    line: 'certificate renew wiki.manis.localhost',
    says: /^Ordering wiki\.manis\.localhost; manis certificate show/m,
    wrong: ['certificate renew nothing.example', /nothing\.example/],
  },
  {
    line: 'acme remove',
    says: /^The local authority issues every certificate/m,
    wrong: ['acme remove x', /one word too many/],
    between: 'acme set --directory https://directory.example/dir --agree-to-terms true',
  },
  {
    line: 'dns-provider add ns{n} --kind cloudflare --secret-file {secret} --endpoint {provider.origin} --allow-private true',
    says: /^kind +cloudflare$/m,
    wrong: ['dns-provider add ns --kind cloudflare', /--secret-file is missing/],
  },
  {
    line: 'dns-provider list',
    says: /^NAME +KIND[\s\S]*ns1 +cloudflare/,
    wrong: ['dns-provider list x', /one word too many/],
  },
  { line: 'dns-provider show ns1', says: /^name +ns1$/m, wrong: noSuch('dns-provider show', 'DNS provider') },
  {
    line: 'dns-provider update ns{n} --name nsb{n}',
    says: /^name +nsb1$/m,
    wrong: ['dns-provider update nsb1 --secret-file {none}', /none/],
  },
  {
    line: 'dns-provider test nsb2 --domain example.com',
    says: /^manis: /m,
    wrong: ['dns-provider test ns2', /--domain .*is missing/],
    refused: true,
  },
  {
    line: 'dns-provider remove nsb{n}',
    says: /^Removed the DNS provider nsb1\.$/m,
    wrong: noSuch('dns-provider remove', 'DNS provider'),
  },
  {
    line: 'own-certificate add own{n} --chain-file {chain} --key-file {key}',
    says: /^hosts +own\.example\.com$/m,
    wrong: ['own-certificate add own --watch-chain /x', /--watch-chain and --watch-key go together/],
  },
  {
    line: 'own-certificate list',
    says: /^NAME +HOSTS[\s\S]*own1 +own\.example\.com +in /,
    wrong: ['own-certificate list x', /one word too many/],
  },
  {
    line: 'own-certificate show own1',
    says: /^name +own1$/m,
    wrong: noSuch('own-certificate show', 'certificate of your own'),
  },
  {
    line: 'own-certificate update own1 --chain-file {chain-again} --key-file {key-again}',
    says: /^name +own1$/m,
    wrong: ['own-certificate update own1 --chain-file {none}', /none/],
  },
  {
    line: 'own-certificate remove own{n}',
    says: /^Removed the certificate of your own own1\.$/m,
    wrong: noSuch('own-certificate remove', 'certificate of your own'),
  },
];

export const PUBLISHING_CASES: readonly CommandCase[] = [...RESOURCES, ...POLICIES, ...NAMES];

export const LAST_PUBLISHING_CASES: readonly CommandCase[] = [
  {
    line: 'resource remove app{n}',
    says: /^Removed the resource app1\.$/m,
    wrong: noSuch('resource remove', 'resource'),
  },
];
