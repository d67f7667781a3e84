/** Which organisation the page is about: kept for the tab, sent with every request. */
const KEY = 'manis-organisation';

export function chosenOrganisation(): string | null {
  return sessionStorage.getItem(KEY);
}

/** The page is loaded anew, so that nothing of the other organisation stays in it. */
export function chooseOrganisation(organisationId: string): void {
  sessionStorage.setItem(KEY, organisationId);
  location.assign('/console/');
}

/** `fetch` that names the organisation, and leads to the sign-in page where the session has ended. */
export async function organisationFetch(input: Request | string | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  const organisationId = chosenOrganisation();
  if (organisationId !== null) request.headers.set('manis-organisation', organisationId);
  const response = await fetch(request);
  if (response.status === 401) {
    const { pathname, search } = location;
    location.assign(`/sign-in?${new URLSearchParams({ return: pathname + search })}`);
  }
  // Somebody else's choice, or a membership that ended: the first organisation of the person is taken.
  if (response.status === 403 || response.status === 404) await forgetForeign(response);
  return response;
}

async function forgetForeign(response: Response): Promise<void> {
  const body = (await response
    .clone()
    .json()
    .catch(() => null)) as { code?: unknown } | null;
  if (body?.code === 'organisation-unknown') sessionStorage.removeItem(KEY);
}
