/** Who there is, what they may do, and what lets in those without an account. */
import type { CommandCase } from './command-case.ts';

const noSuch = (line: string, title: string) =>
  [`${line} nobody`, new RegExp(`there is no ${title} called "nobody"`)] as const;

const MEMBERS: readonly CommandCase[] = [
  {
    line: 'role add reader{n} --permission site.read',
    says: /^permissions +site\.read$/m,
    wrong: ['role add r --permission site.eat', /site\.eat|permissions/],
  },
  { line: 'role list', says: /^NAME +BUILT IN[\s\S]*reader1 +no/, wrong: ['role list --sort size', /--sort/] },
  { line: 'role show reader1', says: /^name +reader1$/m, wrong: noSuch('role show', 'role') },
  {
    line: 'role update reader1 --permission site.read,user.read',
    says: /site\.read, user\.read/,
    wrong: noSuch('role update', 'role'),
  },
  {
    line: 'user add bob{n}@example.com --role reader1',
    says: /^email +bob1@example\.com$/m,
    wrong: ['user add bob', /email/i],
  },
  {
    line: 'user list',
    says: /^EMAIL +NAME +ROLES[\s\S]*bob1@example\.com +bob1 +reader1/,
    wrong: ['user list --sort size', /--sort/],
  },
  { line: 'user show bob1@example.com', says: /^roles +reader1$/m, wrong: noSuch('user show', 'user') },
  {
    line: 'user update bob1@example.com --name Bob',
    says: /^name +Bob$/m,
    wrong: ['user update bob1@example.com --disabled maybe', /--disabled/],
  },
  { line: 'user factors ann@example.com', says: /\S/, wrong: noSuch('user factors', 'user') },
  {
    line: 'user identities ann@example.com',
    says: /^PROVIDER +SUBJECT[\s\S]*corporate1 +ann-1/,
    wrong: noSuch('user identities', 'user'),
  },
  {
    line: 'user disconnect ann@example.com corporate{n}',
    says: /^Revoked on 2 of 2 PoPs/m,
    wrong: ['user disconnect ann@example.com nothing', /no identity provider/],
  },
  {
    line: 'member list',
    says: /^EMAIL +NAME +ROLES +GROUPS[\s\S]*ann@example\.com/,
    wrong: ['member list x', /one word too many/],
  },
  { line: 'member show ann@example.com', says: /^email +ann@example\.com$/m, wrong: noSuch('member show', 'member') },
  {
    line: 'member update ann@example.com --role reader1',
    says: /^roles +reader1$/m,
    wrong: ['member update ann@example.com --role nothing', /nothing/],
  },
  { line: 'member applications ann@example.com', says: /\S/, wrong: noSuch('member applications', 'member') },
  { line: 'group add crew{n} --role reader1', says: /^name +crew1$/m, wrong: ['group add', /NAME is missing/] },
  {
    line: 'group put crew1 ann@example.com',
    says: /^members +ann@example\.com$/m,
    wrong: ['group put crew1 nobody', /no member/],
  },
  {
    line: 'group list',
    says: /^NAME +ROLES +MEMBERS[^\n]*\ncrew1 +reader1 +ann@example\.com/,
    wrong: ['group list x', /one word too many/],
  },
  { line: 'group show crew1', says: /^roles +reader1$/m, wrong: noSuch('group show', 'group') },
  {
    line: 'group update crew1 --role member',
    says: /^roles +member$/m,
    wrong: ['group update crew1 --role nothing', /nothing/],
  },
  { line: 'group take crew1 ann@example.com', says: /^members +-$/m, wrong: ['group take crew1', /MEMBER is missing/] },
  { line: 'group remove crew{n}', says: /^Removed the group crew1\.$/m, wrong: noSuch('group remove', 'group') },
  {
    line: 'invite add zoe{n}@example.com --role reader1 --hours 1',
    says: /\/invitation\/mni_/,
    wrong: ['invite add zoe@example.com --hours 0', /from 1 to 720/],
  },
  {
    line: 'invite list',
    says: /^EMAIL +ROLES[\s\S]*zoe1@example\.com +reader1/,
    wrong: ['invite list --sort size', /--sort/],
  },
  {
    line: 'invite remove zoe{n}@example.com',
    says: /^Removed the invitation zoe1@example\.com\.$/m,
    wrong: noSuch('invite remove', 'invitation'),
  },
  {
    line: 'invite accept https://manis.localhost/invitation/mni_none',
    says: /^manis: /m,
    wrong: ['invite accept nonsense', /expected the link of an invitation/],
    refused: true,
  },
  {
    line: 'key add ci{n} --scope site.read --days 30',
    says: /^mnk_/,
    wrong: ['key add ci --days 0', /from 1 to 3650/],
  },
  { line: 'key list', says: /^NAME +START[\s\S]*ci1 +mnk_/, wrong: ['key list x', /one word too many/] },
  { line: 'key show ci1', says: /^scopes +site\.read$/m, wrong: noSuch('key show', 'API key') },
  { line: 'key remove ci{n}', says: /^Removed the API key ci1\.$/m, wrong: noSuch('key remove', 'API key') },
  {
    line: 'token add robot{n} --user ann@example.com',
    says: /^\S{20,}$/m,
    wrong: ['token add robot --user nobody', /no user/],
  },
  {
    line: 'token list',
    says: /^NAME +USER[\s\S]*robot1 +ann@example\.com/,
    wrong: ['token list x', /one word too many/],
  },
  { line: 'token show robot1', says: /^user +ann@example\.com$/m, wrong: noSuch('token show', 'token') },
  { line: 'token remove robot{n}', says: /^Removed the token robot1\.$/m, wrong: noSuch('token remove', 'token') },
];

const SIGN_IN: readonly CommandCase[] = [
  {
    line: 'session list',
    says: /^ID +USER[\s\S]*ann@example\.com +192\.0\.2\.9/,
    wrong: ['session list --user nobody', /no user/],
  },
  { line: 'session show -- {session1}', says: /^user +ann@example\.com$/m, wrong: noSuch('session show', 'session') },
  {
    line: 'session revoke -- {session{n}}',
    says: /^Revoked on 2 of 2 PoPs\.$/m,
    wrong: noSuch('session revoke', 'session'),
  },
  {
    line: 'session revoke-user ann@example.com',
    says: /^Revoked on 2 of 2 PoPs\.$/m,
    wrong: noSuch('session revoke-user', 'user'),
  },
  { line: 'session visitors', says: /\S/, wrong: ['session visitors x', /one word too many/] },
  {
    line: 'user reset-mfa ann@example.com',
    says: /^Revoked on 2 of 2 PoPs\.$/m,
    wrong: noSuch('user reset-mfa', 'user'),
  },
  {
    line: 'mfa update --required false --grace 3d',
    says: /^required +no$/m,
    wrong: ['mfa update --grace soon', /--grace.*such as 30m/],
  },
  { line: 'mfa show', says: /^required +no$/m, wrong: ['mfa shwo', /did you mean "manis mfa show"/] },
  {
    line: 'known-device list',
    says: /^NAME +USER[\s\S]*Laptop +ann@example\.com/,
    wrong: ['known-device list x', /one word too many/],
  },
  { line: 'known-device show Laptop', says: /^name +Laptop$/m, wrong: noSuch('known-device show', 'known device') },
  {
    line: 'known-device approve Laptop',
    says: /Laptop +ann@example\.com +yes/,
    wrong: noSuch('known-device approve', 'known device'),
  },
  {
    line: 'known-device disapprove Laptop',
    says: /Laptop +ann@example\.com +no/,
    wrong: noSuch('known-device disapprove', 'known device'),
  },
  {
    line: 'known-device remove {device{n}}',
    says: /^Removed the known device Laptop\.$/m,
    wrong: noSuch('known-device remove', 'known device'),
  },
  {
    line: 'provider add generic --name work{n} --client-id manis-client --client-secret-file {secret} --issuer {provider.origin} --allow-private true',
    says: /^Added work1 [\s\S]*redirect URI/,
    wrong: ['provider add generic', /--client-id is missing/],
  },
  {
    line: 'provider list',
    says: /^NAME +PRESET[\s\S]*work1 +generic/,
    wrong: ['provider list x', /one word too many/],
  },
  { line: 'provider show work1', says: /^preset +generic$/m, wrong: noSuch('provider show', 'identity provider') },
  {
    line: 'provider update work1 --label Work',
    says: /^label +Work$/m,
    wrong: ['provider update work1 --email-trust blind', /one of claim/],
  },
  { line: 'provider test work1', says: /^sign-in page +http/m, wrong: noSuch('provider test', 'identity provider') },
  {
    line: 'provider remove work{n}',
    says: /^Removed the identity provider work1\.$/m,
    wrong: noSuch('provider remove', 'identity provider'),
  },
];

const WITHOUT_ACCOUNT: readonly CommandCase[] = [
  {
    line: 'share add wiki --name guest{n} --expires 3d --uses 5',
    says: /^https:\/\/wiki[\s\S]*The policy of wiki admits no share-link[\s\S]*manis policy admit wiki share-link/,
    wrong: ['share add wiki --expires soon', /--expires.*such as 30m/],
  },
  {
    line: 'share list',
    says: /^NAME +RESOURCES +STATE[\s\S]*guest1 +wiki +\w+ +in 3 days/,
    wrong: ['share list --resource nobody', /no resource/],
  },
  { line: 'share rotate guest1', says: /^https:\/\/wiki/, wrong: noSuch('share rotate', 'share link') },
  { line: 'share remove guest{n}', says: /^Revoked on 2 of 2 PoPs\.$/m, wrong: noSuch('share remove', 'share link') },
  {
    line: 'credential add door{n} --method service-token --resource wiki',
    says: /^\S{20,}$/m,
    wrong: ['credential add door --method smile', /one of pin/],
  },
  {
    line: 'credential list',
    says: /^(ID +)?NAME +METHOD +RESOURCES[\s\S]*door1 +service-token +wiki/,
    wrong: ['credential list --sort size', /--sort/],
  },
  { line: 'credential show door1', says: /^resources +wiki$/m, wrong: noSuch('credential show', 'credential') },
  {
    line: 'credential update door{n} --name gate{n}',
    says: /^name +gate1$/m,
    wrong: ['credential update gate1 --resource nobody', /no resource/],
  },
  {
    line: 'credential rotate gate1',
    says: /^\S{20,}$/m,
    wrong: ['credential rotate gate1 --secret-file {none}', /none/],
  },
  {
    line: 'credential remove gate{n}',
    says: /^Revoked on 2 of 2 PoPs\.$/m,
    wrong: noSuch('credential remove', 'credential'),
  },
  {
    line: 'guest revoke gil@example.com',
    says: /^Revoked on 2 of 2 PoPs\.$/m,
    wrong: ['guest revoke', /EMAIL is missing/],
  },
  {
    line: 'client-authority add robots{n} --certificate-file {authority} --resource wiki',
    says: /^resources +wiki$/m,
    wrong: ['client-authority add robots --certificate-file {none}', /none/],
  },
  {
    line: 'client-authority list',
    says: /^NAME +RESOURCES[\s\S]*robots1 +wiki/,
    wrong: ['client-authority list x', /one word too many/],
  },
  {
    line: 'client-authority show robots1',
    says: /^name +robots1$/m,
    wrong: noSuch('client-authority show', 'client authority'),
  },
  {
    line: 'client-authority update robots{n} --name arms{n}',
    says: /^name +arms1$/m,
    wrong: noSuch('client-authority update', 'client authority'),
  },
  {
    line: 'client-authority remove arms{n}',
    says: /^Removed the client authority arms1\.$/m,
    wrong: noSuch('client-authority remove', 'client authority'),
  },
];

export const PEOPLE_CASES: readonly CommandCase[] = [...MEMBERS, ...SIGN_IN, ...WITHOUT_ACCOUNT];

export const LAST_PEOPLE_CASES: readonly CommandCase[] = [
  {
    line: 'user remove bob{n}@example.com',
    says: /^Removed the user bob1@example\.com\.$/m,
    wrong: noSuch('user remove', 'user'),
  },
  {
    line: 'member remove {member{n}}',
    says: /^Removed the member ann@example\.com\.$/m,
    wrong: noSuch('member remove', 'member'),
  },
  { line: 'role remove reader{n}', says: /^Removed the role reader1\.$/m, wrong: noSuch('role remove', 'role') },
];
