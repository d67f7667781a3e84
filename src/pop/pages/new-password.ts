import { MINIMUM_PASSWORD_CHARACTERS } from '../constants.ts';
import { type Html, html } from './html.ts';
import { TEXTS } from './texts.ts';

/** Fields of a form in which somebody chooses a password, and writes it twice. */
export function newPasswordFields({ hasFocus }: { readonly hasFocus: boolean }): Html {
  const { password, hint, repeat } = TEXTS.setUp;
  return html`<label for="password">${password}</label>
<input id="password" name="password" type="password" autocomplete="new-password" required minlength="${MINIMUM_PASSWORD_CHARACTERS}" maxlength="1024" aria-describedby="password-hint"${hasFocus ? html` autofocus` : undefined}>
<p class="hint" id="password-hint">${hint(MINIMUM_PASSWORD_CHARACTERS)}</p>
<label for="repeat">${repeat}</label>
<input id="repeat" name="repeat" type="password" autocomplete="new-password" required maxlength="1024">`;
}
