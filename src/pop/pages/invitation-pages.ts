import { html } from './html.ts';
import { newPasswordFields } from './new-password.ts';
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
${newPasswordFields({ hasFocus: false })}
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
