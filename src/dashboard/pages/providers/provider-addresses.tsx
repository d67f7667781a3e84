import { CopyText } from '../../look/copy.tsx';
import { TEXTS } from '../../texts/index.ts';

const texts = TEXTS.providers;

/** What has to be registered at the provider, to the letter. */
export function ProviderAddresses({ name }: { readonly name: string }) {
  const { origin } = location;
  const addresses = [
    [texts.redirectUri, `${origin}/sign-in/provider/${name}/callback`],
    [texts.signedOutUri, `${origin}/signed-out`],
    [texts.backChannelUri, `${origin}/providers/${name}/back-channel-logout`],
  ] as const;
  return (
    <>
      {addresses.map(([label, text]) => (
        <div key={label} className="grid grid-cols-1 gap-1">
          <p className="text-sm font-medium">{label}</p>
          <CopyText label={label} text={text} />
        </div>
      ))}
    </>
  );
}
