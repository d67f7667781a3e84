import { MINIMUM_PASSWORD_CHARACTERS } from '../constants.ts';
import { html } from './html.ts';
import { alarm, page } from './page.ts';
import { TEXTS } from './texts.ts';

interface InvitationView {
  /** That somebody is invited to. */
  readonly organisation: string;
  readonly email: string;
  readonly action: string;
}

/** Somebody without an account makes one. */
export function joinPage({ organisation, email, action }: InvitationView, name = '', problem?: string): string {
  const texts = TEXTS.invitation;
  const { password, repeat, hint } = TEXTS.setUp;
  return page({
    title: texts.title(organisation),
    organisation,
    body: html`<div class="sheet">
<h1>${texts.title(organisation)}</h1>
<p class="quiet">${texts.leadNew}</p>
${alarm(problem)}
<form method="post" action="${action}">
<label for="email">${TEXTS.signIn.email}</label>
<input id="email" type="email" autocomplete="username" value="${email}" readonly>
<label for="name">${texts.name}</label>
<input id="name" name="name" type="text" autocomplete="name" value="${name}" required maxlength="128" autofocus>
<label for="password">${password}</label>
<input id="password" name="password" type="password" autocomplete="new-password" required minlength="${MINIMUM_PASSWORD_CHARACTERS}" maxlength="1024" aria-describedby="password-hint">
<p class="hint" id="password-hint">${hint(MINIMUM_PASSWORD_CHARACTERS)}</p>
<label for="repeat">${repeat}</label>
<input id="repeat" name="repeat" type="password" autocomplete="new-password" required maxlength="1024">
<button class="button" type="submit">${texts.join(organisation)}</button>
</form>
</div>`,
  });
}

/** Somebody who is signed in with the invited account joins by a button. */
export function joinSignedInPage({ organisation, email, action }: InvitationView): string {
  const texts = TEXTS.invitation;
  return page({
    title: texts.title(organisation),
    organisation,
    body: html`<div class="sheet">
<h1>${texts.title(organisation)}</h1>
<p class="quiet">${texts.leadKnown(email)}</p>
<form method="post" action="${action}"><button class="button" type="submit">${texts.join(organisation)}</button></form>
</div>`,
  });
}

/** The account that is invited has to sign in first. */
export function signInToJoinPage({ organisation, email, action }: InvitationView, signedInAs?: string): string {
  const texts = TEXTS.invitation;
  const query = new URLSearchParams({ return: action });
  const url = signedInAs === undefined ? `/sign-in?${query}` : '/sign-out';
  return page({
    title: texts.title(organisation),
    organisation,
    body: html`<div class="sheet">
<h1>${texts.title(organisation)}</h1>
<p class="quiet">${signedInAs === undefined ? texts.leadSignIn(email) : texts.leadOther(email, signedInAs)}</p>
<div class="actions"><a class="button" href="${url}">${signedInAs === undefined ? texts.signIn : texts.signOut}</a></div>
</div>`,
  });
}
