import type { Problem } from '../problems.ts';

export interface ProblemText {
  readonly title: string;
  /** What happened, and what the reader can do. */
  readonly advice: string;
}

const MALFORMED: ProblemText = {
  title: 'This request cannot be understood',
  advice: 'The address or the request is malformed. Go back and try the link again, or type the address anew.',
};

const TARGET_DOWN: ProblemText = {
  title: 'The application does not answer',
  advice:
    'Manis works, but the application behind it cannot be reached at the moment. Try again in a minute; if it stays so, tell whoever runs it.',
};

/** The words for each problem. */
export const PROBLEM_TEXTS: Readonly<Record<Problem, ProblemText>> = {
  'request-malformed': MALFORMED,
  'host-missing': MALFORMED,
  'host-duplicated': MALFORMED,
  'host-malformed': MALFORMED,
  'host-differs': MALFORMED,
  'path-refused': MALFORMED,
  'headers-too-many': {
    title: 'The request is too large',
    advice: 'Your browser sent more header fields than are accepted. Deleting the cookies of this site usually helps.',
  },
  'uri-too-long': {
    title: 'The address is too long',
    advice: 'This application takes shorter addresses only. Go back and try it another way.',
  },
  'body-too-large': {
    title: 'This is too large',
    advice: 'What you sent is larger than this application takes. Send less, or ask whoever runs it.',
  },
  'rate-limited': {
    title: 'Too many requests',
    advice: 'More came from you than this application takes in so short a time. Wait a moment, then try again.',
  },
  busy: {
    title: 'The application is busy',
    advice: 'It works on as many requests as it can. Try again in a few seconds.',
  },
  overloaded: {
    title: 'Too much is going on',
    advice:
      'More people came than can be served at once, and those who were here already go first. Try again in a few seconds.',
  },
  maintenance: {
    title: 'The application is being worked on',
    advice: 'It will be back soon. Nothing is wrong with your account or your browser.',
  },
  'cookies-refused': {
    title: 'Your cookies are in a muddle',
    advice:
      'This site received sign-in cookies that contradict one another. Delete the cookies of this site and sign in again.',
  },
  'form-malformed': {
    title: 'The form did not arrive whole',
    advice: 'Go back, reload the page and send the form again.',
  },
  'form-too-large': {
    title: 'The form is too large',
    advice: 'Go back and enter less text.',
  },
  'form-expired': {
    title: 'This page was open for too long',
    advice: 'For your safety the form is no longer valid. Go back, reload the page and try again.',
  },
  'origin-refused': {
    title: 'This request came from another site',
    advice: 'It was stopped for your safety. Open the application directly and try again.',
  },
  'link-expired': {
    title: 'This sign-in link is no longer valid',
    advice:
      'Such a link works once, for a short time and only in the browser that asked for it. Open the application again to get a new one.',
  },
  'share-link-invalid': {
    title: 'This link does not work any more',
    advice: 'It has ended, was withdrawn, or is not complete. Ask whoever sent it for a new one.',
  },
  'share-link-used-up': {
    title: 'This link has been used up',
    advice: 'It works a limited number of times, and those are over. Ask whoever sent it for a new one.',
  },
  'share-link-not-admitted': {
    title: 'This link opens nothing at the moment',
    advice: 'The rules of the application do not let links in, or not from here or now. Ask whoever sent it.',
  },
  'too-many-tries': {
    title: 'Too many wrong credentials',
    advice: 'So many were tried of late that no more are judged for a while. Try again later.',
  },
  'try-again': {
    title: 'Not possible just now',
    advice: 'The point of presence is busy with other sign-ins. Try again in a few seconds.',
  },
  'invitation-unknown': {
    title: 'This invitation is no longer valid',
    advice: 'It was accepted already, was withdrawn, or is too old. Ask whoever invited you for a new one.',
  },
  'set-up-unknown': {
    title: 'This set-up link is no longer valid',
    advice:
      'It has been used, or a newer one was made. If you have chosen your password already, go on to your applications; otherwise use the newest link.',
  },
  'reset-unknown': {
    title: 'This link is no longer valid',
    advice:
      'It has been used, it is older than 30 minutes, or a newer one was sent. Use the newest link, or ask for another one on the sign-in page.',
  },
  'method-refused': {
    title: 'This cannot be done here',
    advice: 'The address exists, but not for this kind of request.',
  },
  'plain-http': {
    title: 'A secure connection is needed',
    advice: 'Use the address with https:// in front. Nothing was passed on.',
  },
  'name-mismatch': {
    title: 'The address does not fit the connection',
    advice: 'The secure connection was made for another host name. Open the address in a new window.',
  },
  'host-unknown': {
    title: 'There is nothing at this address',
    advice:
      'No application is published under this name. Check the spelling; if it is right, the application may have been moved or removed.',
  },
  'access-only': {
    title: 'This is no web page',
    advice: 'What is here is reached by a program. On your computer run manis access tcp with this name behind it.',
  },
  'page-unknown': {
    title: 'There is no such page',
    advice: 'Check the address, or go on from here.',
  },
  'sign-in-needed': {
    title: 'Sign in to continue',
    advice: 'You need to be signed in for this. Open the application in a browser to do so.',
  },
  'not-a-member': {
    title: 'Your account does not belong here',
    advice:
      'This application is for members of another organisation. If you have another account there, sign in with it; else ask whoever runs the application to invite you.',
  },
  denied: {
    title: 'You may not open this page',
    advice:
      'The rules of this application do not admit this request. If you think they should, ask whoever runs the application.',
  },
  'no-healthy-target': TARGET_DOWN,
  'device-pop-lost': {
    title: 'The way to the application is cut',
    advice:
      'Its network has one tunnel, to a server of ours that cannot be reached from here now. Try again in a minute; if it stays so, tell whoever runs the application.',
  },
  'pop-stopping': {
    title: 'The server stops',
    advice: 'It is restarted or replaced. Try again: another one answers, or the same in a moment.',
  },
  'target-refused': TARGET_DOWN,
  'target-unreachable': TARGET_DOWN,
  'target-tls-failed': {
    title: 'The application cannot be reached securely',
    advice:
      'The connection to the application could not be verified, so nothing was sent. Tell whoever runs the application.',
  },
  'target-aborted': {
    title: 'The application broke off',
    advice:
      'It closed the connection before it answered. Try again; if it stays so, tell whoever runs the application.',
  },
  'target-malformed': {
    title: 'The application gave an answer that makes no sense',
    advice: 'Its answer is not valid HTTP, so it was not passed on. Tell whoever runs the application.',
  },
  'target-no-websockets': {
    title: 'The application takes no WebSockets',
    advice:
      'It speaks HTTP/2 alone, and does not say that it takes WebSockets there (RFC 8441). Tell whoever runs the application.',
  },
  'target-timed-out': {
    title: 'The application takes too long',
    advice: 'It did not answer in time. Try again in a minute; what you asked for may still be going on.',
  },
  'deadline-exceeded': {
    title: 'The call took longer than it may',
    advice: 'The deadline that came with it is over; it may still be going on at the application.',
  },
  'snapshot-missing': {
    title: 'This node is not ready yet',
    advice: 'It has just been started and waits for its configuration. Try again in a minute.',
  },
  'snapshot-stale': {
    title: 'This node has been cut off for too long',
    advice:
      'It has not heard from its control plane for so long that it no longer lets anybody in. Tell your administrator.',
  },
  'control-unreachable': {
    title: 'Signing in is not possible right now',
    advice:
      'The control plane cannot be reached. Applications that you are signed in to keep working. Try again in a minute.',
  },
};
