/** Every sentence that a page shows, in one place. */
export const TEXTS = {
  product: 'Manis',
  poweredBy: 'Protected by Manis',
  signIn: {
    title: 'Sign in',
    lead: (organisation: string) => `Use your ${organisation} account.`,
    leadTo: (application: string) => `Sign in to continue to ${application}.`,
    email: 'Email address',
    password: 'Password',
    submit: 'Sign in',
    passkey: 'Sign in with a passkey',
    passkeyNeedsScript: 'Passkeys need JavaScript, which is off in this browser.',
    or: 'or',
    noWay: 'There is no way to sign in to this application at the moment. Ask whoever runs it.',
    help: 'No account, or a password you have forgotten? Ask your administrator.',
    helpReset: 'No account? Ask your administrator.',
  },
  signInProblems: {
    passkey: 'The passkey did not answer, or it does not open an account here.',
    wrong: 'The email address or the password is not right. Check both and try again.',
    incomplete: 'Enter your email address and your password.',
    limited: (wait: string) => `Too many attempts. Wait ${wait}, then try again.`,
    busy: 'Too many people are signing in at this moment. Try again in a few seconds.',
    formExpired: 'This page was open for too long. Please sign in again.',
    unreachable:
      'Signing in is not possible at the moment, because the control plane cannot be reached. Try again in a minute.',
  },
  access: {
    title: (application: string) => `Connect to ${application}`,
    lead: (computer: string) => `The command manis access tcp on ${computer} asks to connect as you.`,
    leadUnnamed: 'The command manis access tcp asks to connect as you.',
    warning: 'Go on only if you have just started it yourself on this computer. Otherwise close this page.',
    host: 'Reaches',
    account: 'As',
    submit: 'Connect',
  },
  program: {
    title: 'Sign in a program',
    lead: 'Type the code that the program shows.',
    code: 'Code',
    look: 'Continue',
    decide: (program: string) => `Sign in ${program}?`,
    asks: (account: string) => `It asks to act as you, ${account}, with all that you may do here.`,
    program: 'Program',
    computer: 'On',
    address: 'From',
    since: 'Asked',
    ago: (time: string) => `${time} ago`,
    otherAddress: (own: string) =>
      `This program is somewhere else than your browser (${own}). Go on only if you started it there yourself.`,
    otherFamily: (own: string) =>
      `Whether this program is where your browser is (${own}) cannot be told: one uses IPv4, the other IPv6. Go on only if you started it yourself.`,
    warning: 'Never type a code that somebody else gave you: they would be signed in as you.',
    approve: 'Sign it in',
    refuse: 'Refuse',
    approved: 'Signed in',
    approvedLead: 'The program goes on by itself. You can close this page.',
    refused: 'Refused',
    refusedLead: 'The program was not signed in. You can close this page.',
    problems: {
      unknown: 'There is no such code, or it has expired. Codes live ten minutes; start the program again.',
      limited: (wait: string) => `Too many codes were typed. Wait ${wait}, then try again.`,
      shared: 'This account belongs to several organisations. Sign in without the identity provider, then try again.',
    },
  },
  share: {
    title: (application: string) => `Open ${application}`,
    lead: 'Somebody shared this with you. The link works only a limited number of times; opening it now counts as one.',
    submit: 'Open',
  },
  resourceSecrets: {
    pin: {
      label: 'PIN',
      hint: 'Whoever invited you knows it.',
      submit: 'Open with PIN',
      wrong: 'This PIN is not right. Check it and try again.',
      limited: (wait: string) => `Too many wrong PINs from here. Wait ${wait}, then try again.`,
      exhausted: (wait: string) =>
        `Too many wrong PINs have been tried of late, so nobody new is let in with one. Try again in ${wait}, or ask whoever invited you for a link.`,
    },
    'resource-password': {
      label: 'Password of this application',
      hint: 'Not that of an account. Whoever invited you knows it.',
      submit: 'Open with password',
      wrong: 'This password is not right. Check it and try again.',
      limited: (wait: string) => `Too many wrong passwords from here. Wait ${wait}, then try again.`,
      exhausted: (wait: string) =>
        `Too many wrong passwords have been tried of late, so nobody new is let in with one. Try again in ${wait}, or ask whoever invited you for a link.`,
    },
  },
  emailCode: {
    email: 'Email address, for a code by mail',
    send: 'Mail me a code',
    title: 'Check your mail',
    lead: (email: string) =>
      `If ${email} may sign in here, a code of six digits is on its way there. Keep this page open: the code works only here.`,
    code: 'Code',
    submit: 'Continue',
    none: 'No mail after a minute or two? Look into the spam folder, or',
    again: 'have another one sent',
    incomplete: 'Enter your email address.',
    notSix: 'The code has six digits. Look at the mail once more.',
    wrong: 'The code is not right, or it is not good any more. Check it, or have another one sent.',
  },
  reset: {
    forgotten: 'Forgotten your password?',
    title: 'Forgotten your password?',
    lead: 'Enter your email address. If there is an account with it, we mail you a link to choose a new password.',
    submit: 'Mail me a link',
    back: 'Back to signing in',
    askedTitle: 'Check your mail',
    asked: 'If there is an account with this address, a link is on its way there. It works once, within 30 minutes.',
    newTitle: 'Choose a new password',
    newLead: 'This signs you out in every browser. What you confirm a sign-in with stays as it is.',
    save: 'Save the password',
    doneTitle: 'Your password was changed',
    done: 'You are signed out in every browser. Sign in with the new password.',
  },
  setUp: {
    title: 'Welcome',
    lead: 'You are the first administrator here. Choose a password, or let this device keep a passkey.',
    password: 'New password',
    repeat: 'The same password again',
    hint: (characters: number) => `At least ${characters} characters. A few unrelated words make a good one.`,
    submit: 'Save and continue',
    passkey: 'Continue with a passkey',
    passkeyHint: 'A fingerprint, your face or the screen lock of this device, and no password.',
    next: 'Then a few steps lead to the first application. A second factor can be added there, too.',
  },
  invitation: {
    title: (organisation: string) => `Join ${organisation}`,
    leadNew: 'You are invited. Say who you are and choose a password, and you are in.',
    leadKnown: (email: string) => `You are invited, and signed in as ${email}.`,
    leadSignIn: (email: string) =>
      `The invitation is for ${email}, which has an account already. Sign in with it first.`,
    leadOther: (email: string, person: string) =>
      `The invitation is for ${email}, and you are signed in as ${person}. Sign out first, then open the link of the invitation again.`,
    name: 'Your name',
    nameMissing: 'Say your name, so that others know who you are.',
    join: (organisation: string) => `Join ${organisation}`,
    signIn: 'Sign in',
    signOut: 'Sign out',
  },
  setUpProblems: {
    short: (characters: number) => `The password needs at least ${characters} characters.`,
    different: 'The two passwords are not the same. Type them again.',
    refused: 'This password is too easy to guess. Choose another one.',
    passkey: 'The passkey could not be made. Try again, or choose a password.',
  },
  providers: {
    button: (label: string) => `Continue with ${label}`,
    stale: 'This sign-in was begun somewhere else, or too long ago. Please begin again.',
    failures: {
      unreachable: (label: string) =>
        `This needs the control plane, which cannot be reached at the moment. Try ${label} again in a minute.`,
      'provider-unreachable': (label: string) => `${label} cannot be reached at the moment. Try again in a minute.`,
      'provider-denied': (label: string) => `${label} did not let you in, or you did not agree. You can try again.`,
      'provider-error': (label: string) => `Signing in with ${label} did not work. Please try again.`,
      'provider-client-refused': (label: string) =>
        `${label} does not accept this portal. Tell your administrator: its client secret may have expired.`,
      'provider-token-wrong': (label: string) =>
        `What ${label} answered cannot be trusted, so you are not signed in. Please try again.`,
      'provider-issuer-wrong': (label: string) =>
        `${label} is not set up as it should be. Tell your administrator: the issuer is another one.`,
      'rights-missing': () => 'Only an administrator may try an identity provider.',
    },
    refusals: {
      'account-missing': (label: string) =>
        `There is no account here for who you are at ${label}. Ask your administrator.`,
      'account-exists': (label: string) =>
        `There is an account with your address already. Sign in as you did before, then connect ${label} under "Connected accounts".`,
      'domain-refused': () =>
        'Accounts of this kind are not let in here. Sign in with the account of your organisation.',
      'email-missing': (label: string) =>
        `${label} does not say your email address, which is needed for an account here.`,
      'email-unverified': (label: string) =>
        `Your email address is not verified at ${label}. Verify it there, then try again.`,
      'user-disabled': () => 'Your account is switched off. Ask your administrator.',
      'control-needed': (label: string) =>
        `A first sign-in with ${label} needs the control plane, which cannot be reached at the moment. Try again in a minute.`,
      'factor-needed': () =>
        'You are asked for a second factor, which needs the control plane. It cannot be reached at the moment.',
    },
    connected: {
      title: 'Connected',
      lead: (label: string) => `From now on you can sign in with ${label}, too.`,
    },
    taken: {
      title: 'Not connected',
      lead: (label: string) =>
        `This account at ${label} belongs to somebody else here. Sign out there and choose another one.`,
    },
    list: {
      title: 'Connected accounts',
      lead: (person: string) => `With these you can sign in as ${person}.`,
      connected: 'connected',
      connect: 'Connect',
    },
    signingOut: {
      title: 'You are signed out',
      lead: (label: string) => `One moment: you are being signed out at ${label}, too.`,
      go: (label: string) => `Sign out at ${label}`,
    },
    tried: {
      title: (label: string) => `What ${label} says of you`,
      lead: 'Nothing was changed, and nobody was signed in by this.',
      verdict: 'Would be',
      verdicts: {
        known: 'signed in to the account that is connected',
        link: 'connected with an account that exists, by the verified address',
        provision: 'given a new account',
        'subject-missing': 'refused: no subject',
        'user-disabled': 'refused: the account is switched off',
        'domain-refused': 'refused: the domain of the address is not among those allowed',
        'email-missing': 'refused: no address',
        'email-unverified': 'refused: the address is not verified',
        'account-exists': 'refused: an account with the address exists and is not connected',
        'account-missing': 'refused: there is no account, and none is made',
        'claims-too-large': 'refused: the claims are too large',
        'claims-too-deep': 'refused: the claims nest too deep',
      },
      account: 'Account',
      subject: 'Subject',
      email: 'Address',
      verified: 'Verified',
      roles: 'Roles',
      groups: 'Groups',
      unknown: 'Names that nothing here has',
      mfa: 'Two factors',
      claims: 'Claims',
      yes: 'yes',
      no: 'no',
    },
  },
  applications: {
    title: 'Applications',
    greeting: (name: string) => `Signed in as ${name}`,
    none: 'There is nothing here that you may open yet.',
    noneHelp: 'When your administrator gives you access to an application, it will be listed here.',
    signOut: 'Sign out',
    security: 'My security',
    console: 'Console',
  },
  signedOut: {
    title: 'You are signed out',
    lead: 'Close the browser as well if other people use this device.',
    again: 'Sign in again',
  },
  signOutAsk: {
    title: 'Sign out?',
    lead: (application: string) => `You will be signed out of ${application}.`,
    leadAll: 'You will be signed out of every application in this browser.',
    submit: 'Sign out',
  },
  error: {
    requestId: 'Request',
    host: 'Address',
    reason: 'Reason',
    retry: 'Try again',
    home: 'Your applications',
    switchAccount: 'Use another account',
  },
  seconds: (seconds: number) => {
    if (seconds < 90) return seconds === 1 ? 'a second' : `${seconds} seconds`;
    const minutes = Math.ceil(seconds / 60);
    return `${minutes} minutes`;
  },
} as const;
