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
  setUp: {
    title: 'Choose your password',
    lead: (organisation: string) =>
      `You are about to become the first administrator of ${organisation}. Choose a password to finish.`,
    password: 'New password',
    repeat: 'The same password again',
    hint: (characters: number) => `At least ${characters} characters. A few unrelated words make a good one.`,
    submit: 'Save and continue',
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
  },
  applications: {
    title: 'Applications',
    greeting: (name: string) => `Signed in as ${name}`,
    none: 'There is nothing here that you may open yet.',
    noneHelp: 'When your administrator gives you access to an application, it will be listed here.',
    signOut: 'Sign out',
    security: 'My security',
  },
  signedOut: {
    title: 'You are signed out',
    lead: 'Close the browser as well if other people use this device.',
    again: 'Sign in again',
  },
  signOutAsk: {
    title: 'Sign out?',
    lead: (application: string) => `You will be signed out of ${application}.`,
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
