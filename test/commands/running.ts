/** What happens, who is told of it, and the installation itself. */
import type { CommandCase } from './command-case.ts';

const noSuch = (line: string, title: string) =>
  [`${line} nothing`, new RegExp(`there is no ${title} called "nothing"`)] as const;

const LOGS: readonly CommandCase[] = [
  {
    line: 'requests list',
    says: /^TIME \(UTC\) +STATUS +WHAT[\s\S]*202 +POST wiki\.manis\.localhost\/in/,
    wrong: ['requests list --outcome odd', /one of allowed/],
  },
  { line: 'requests show request-1', says: /^Outcome: +allowed 202/m, wrong: ['requests show nothing', /nothing/] },
  {
    line: 'requests follow --since 1h',
    says: /POST wiki\.manis\.localhost\/in/,
    wrong: ['requests follow --since soon', /--since.*expected a time/],
    endless: true,
  },
  {
    line: 'requests export',
    says: /^"time","who"[\s\S]*"request-1"/,
    wrong: ['requests export --resource nothing', /no resource/],
  },
  { line: 'requests figures', says: /^Requests: +1/m, wrong: ['requests figures --status 4', /status/] },
  { line: 'requests capture request-1', says: /^> POST \/in$/m, wrong: ['requests capture nothing', /nothing/] },
  {
    line: 'requests replay request-1',
    says: /^Answered with 200\.$/m,
    wrong: ['requests replay request-1 --header odd', /--header: expected NAME: VALUE/],
  },
  {
    line: 'requests settings',
    says: /^everywhere else: all$/m,
    wrong: ['requests setings', /did you mean "manis requests settings"/],
  },
  {
    line: 'requests set --level refused --resource wiki',
    says: /^wiki: refused$/m,
    wrong: ['requests set', /--level .*is missing/],
  },
  { line: 'audit list', says: /^TIME \(UTC\) +OUTCOME +WHAT +WHO/, wrong: ['audit list --limit 0', /--limit/] },
  { line: 'audit follow --since 1h', says: /\S/, wrong: ['audit follow --user nobody', /no user/], endless: true },
  {
    line: 'audit export --action request',
    says: /^"time","who"[\s\S]*"rule-denied"/,
    wrong: ['audit export --until never', /--until: expected a time/],
  },
  {
    line: 'audit why request-1',
    says: /^Rule: +Nobody from there \(r1\)$/m,
    wrong: ['audit why', /REQUEST is missing/],
  },
  { line: 'audit mode', says: /^everywhere else: sampled$/m, wrong: ['audit mode x', /one word too many/] },
  {
    line: 'audit set --mode all --resource wiki',
    says: /^wiki: all$/m,
    wrong: ['audit set --mode inherited', /give --resource/],
  },
];

const NOTICES: readonly CommandCase[] = [
  {
    line: 'webhook add hook{n} --to https://127.0.0.1:9/hook --allow-private true --events site.offline',
    says: /^secret +\S+$/m,
    wrong: ['webhook add hook', /--to .*is missing; expected where events are sent/],
  },
  {
    line: 'webhook list',
    says: /^NAME +URL[\s\S]*hook1 +https:\/\/127\.0\.0\.1:9\/hook/,
    wrong: ['webhook list x', /one word too many/],
  },
  { line: 'webhook show hook1', says: /^events +site\.offline$/m, wrong: noSuch('webhook show', 'webhook') },
  {
    line: 'webhook update hook1 --enabled true',
    says: /^enabled +yes$/m,
    wrong: ['webhook update hook1 --enabled maybe', /--enabled/],
  },
  { line: 'webhook rotate hook1', says: /^\S{16,}$/m, wrong: noSuch('webhook rotate', 'webhook') },
  {
    line: 'webhook test hook{n}',
    says: /manis webhook deliveries hook1$/m,
    wrong: noSuch('webhook test', 'webhook'),
    keep: 'sent',
  },
  { line: 'webhook deliveries hook1', says: /^ID +TYPE +STATE/, wrong: noSuch('webhook deliveries', 'webhook') },
  { line: 'webhook retry hook2 {sent.deliveryId}', says: /\S/, wrong: ['webhook retry hook1 nothing', /nothing/] },
  {
    line: 'alert add alarm{n} --kind site --webhook hook1 --hold-seconds 60',
    says: /^webhooks +hook1$/m,
    wrong: ['alert add alarm --kind odd', /one of site, pop/],
  },
  { line: 'alert list', says: /^NAME +KIND[\s\S]*alarm1 +site/, wrong: ['alert list x', /one word too many/] },
  { line: 'alert show alarm1', says: /^kind +site$/m, wrong: noSuch('alert show', 'alert rule') },
  {
    line: 'alert update alarm1 --enabled false',
    says: /^enabled +no$/m,
    wrong: ['alert update alarm1 --hold-seconds 1', /from 10 to/],
  },
  {
    line: 'alert remove alarm{n}',
    says: /^Removed the alert rule alarm1\.$/m,
    wrong: noSuch('alert remove', 'alert rule'),
  },
  {
    line: 'webhook remove hook{n}',
    says: /^Removed the webhook hook1\.$/m,
    wrong: noSuch('webhook remove', 'webhook'),
  },
  {
    line: 'mail set --host localhost --port {mailPort} --from manis@example.com --ca-file {mail-authority}',
    says: /^host +localhost$/m,
    wrong: ['mail set --port 0', /--port/],
  },
  {
    line: 'mail show',
    says: /^from address +manis@example\.com$/m,
    wrong: ['mail shwo', /did you mean "manis mail show"/],
  },
  {
    line: 'mail test --to ann@example.com',
    says: /^The mail server took a mail to ann@example\.com\.$/m,
    wrong: ['mail test --to nobody', /to/],
  },
  {
    line: 'mail remove',
    says: /^Nothing is mailed any more\.$/m,
    wrong: ['mail remove x', /one word too many/],
    between: 'mail set --host localhost --port {mailPort} --from manis@example.com',
  },
];

const AS_CODE: readonly CommandCase[] = [
  {
    line: 'apply {infra} --dry-run',
    says: /^ {2}\+ resource forge\n {6}host {2}forge\.manis\.localhost\n {6}targets {2}\S[^\n]*\n\n/m,
    wrong: ['apply {bad} --dry-run', /bad\.yaml:1: /],
  },
  {
    line: 'apply {infra} --yes',
    says: /Applied\.|Nothing to change/,
    wrong: ['apply {none}', /none/],
    keep: 'applied',
  },
  {
    line: 'blueprint schema',
    says: /"\$schema"/,
    wrong: ['blueprint scheme', /did you mean "manis blueprint schema"/],
  },
  {
    line: 'blueprint owned',
    says: /^OWNER +NOUN +NAME\nfile:infra/,
    wrong: ['blueprint owned x', /one word too many/],
  },
  { line: 'blueprint connectors', says: /\S/, wrong: ['blueprint connectors x', /one word too many/] },
  {
    line: 'blueprint release {owned{n}}',
    says: /^forge is the console's now\.$/m,
    wrong: ['blueprint release resources nothing', /nobody owns resources nothing/],
  },
  { line: 'export', says: /^manis: 1$/m, wrong: ['export --out {none}/x', /none/] },
  { line: 'import pangolin {pangolin}', says: /^manis: 1$/m, wrong: ['import pangolin {none}', /none/], plain: true },
  { line: 'import nginx {nginx}', says: /^manis: 1$/m, wrong: ['import nginx {none}', /none/], plain: true },
  {
    line: 'import cloudflared {cloudflared}',
    says: /^manis: 1$/m,
    wrong: ['import cloudflared {none}', /none/],
    plain: true,
  },
];

const INSTALLATION: readonly CommandCase[] = [
  {
    line: 'organisation show',
    says: /^name +Manis$/m,
    wrong: ['organisation show --organisation None', /"None" is none of yours/],
  },
  {
    line: 'organisation update --session-idle-minutes 60',
    says: /^name +Manis$/m,
    wrong: ['organisation update --session-idle-minutes 0', /from 1 to/],
  },
  {
    line: 'organisation usage',
    says: /^NOUN +USED +MOST/,
    wrong: ['organisation usage --of Nothing', /no organisation/],
  },
  {
    line: 'organisation error-pages apply {pages}',
    says: /statuses:/,
    wrong: ['organisation error-pages apply {bad}', /bad\.yaml:1: /],
  },
  {
    line: 'organisation error-pages show',
    says: /statuses:/,
    wrong: ['organisation error-pages', /needs one more word: show, apply/],
  },
  {
    line: 'organisation add Acme{n} --domains acme{n}.example',
    says: /^domains +acme1\.example$/m,
    wrong: ['organisation add', /NAME is missing/],
  },
  {
    line: 'organisation list',
    says: /^NAME +DOMAINS[\s\S]*Acme1 +acme1\.example/,
    wrong: ['organisation list --sort size', /--sort/],
  },
  {
    line: 'organisation change Acme1 --quota sites=3',
    says: /^quotas sites +3$/m,
    wrong: ['organisation change Acme1 --quota many', /expected such as resources=5000/],
  },
  {
    line: 'organisation add-owner Acme1 ann@example.com',
    says: /^ann@example\.com owns Acme1 now\.$/m,
    wrong: ['organisation add-owner Acme1 nobody', /no user/],
  },
  {
    line: 'organisation add-administrator ann@example.com',
    says: /^ann@example\.com administers the installation now\.$/m,
    wrong: ['organisation add-administrator nobody', /no user/],
  },
  {
    line: 'organisation administrators',
    says: /ann@example\.com/,
    wrong: ['organisation administrator', /did you mean "manis organisation administrators"/],
  },
  {
    line: 'organisation remove-administrator ann@example.com',
    says: /^ann@example\.com no longer administers/m,
    wrong: ['organisation remove-administrator nobody', /no user/],
    between: 'organisation add-administrator ann@example.com',
  },
  {
    line: 'organisation remove Acme{n}',
    says: /^Removed the organisation Acme1\.$/m,
    wrong: noSuch('organisation remove', 'organisation'),
  },
  {
    line: 'store backup {folder}/backup --data-dir {controlFolder}',
    says: /rows, \d+ bytes in /,
    wrong: ['store backup', /FILE is missing/],
    plain: true,
  },
];

/** Before anything else: what is published for a while ends by itself. */
export const TRY_CASES: readonly CommandCase[] = [
  { line: 'try list', says: /^(ID +)?NAME +URL/, wrong: ['try list x', /one word too many/] },
  { line: 'try show {try1}', says: /^url +https:\/\/try-1/m, wrong: noSuch('try show', 'quick tunnel') },
  {
    line: 'try keep {try{n}} --name kept{n}',
    says: /^Kept https:\/\/try-1/m,
    wrong: noSuch('try keep', 'quick tunnel'),
  },
  { line: 'try end {ended{n}}', says: /^Ended /m, wrong: noSuch('try end', 'quick tunnel') },
];

const ONESELF: readonly CommandCase[] = [
  { line: 'whoami', says: /^email +admin@manis\.localhost$/m, wrong: ['whoami x', /one word too many/] },
  { line: 'me applications', says: /\S/, wrong: ['me application', /did you mean "manis me applications"/] },
  { line: 'me tokens', says: /^ID +NAME/, wrong: ['me tokens x', /one word too many/] },
  { line: 'me end-token {mine{n}}', says: /^Ended tok_/m, wrong: ['me end-token nothing', /nothing/] },
  { line: 'profile list', says: /^NAME +URL +CURRENT[\s\S]*p2 +https/, wrong: ['profile list x', /one word too many/] },
  {
    line: 'profile use p1',
    says: /^Commands use p1 from now on\.$/m,
    wrong: ['profile use nothing', /no profile "nothing"/],
  },
  {
    line: 'completion bash',
    says: /complete -o default -F _manis manis/,
    wrong: ['completion smell', /one of bash, zsh, fish/],
    plain: true,
  },
  {
    line: 'logout --profile p{n}',
    says: /^Signed out of https/m,
    wrong: ['logout --profile nothing', /no profile "nothing"/],
  },
];

export const RUNNING_CASES: readonly CommandCase[] = [...LOGS, ...NOTICES, ...AS_CODE, ...INSTALLATION, ...ONESELF];
