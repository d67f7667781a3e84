/** A share of a whole as a line; whoever does not see it reads the number beside it. @param share 0 to 1 */
export function Bar({ share, isBad = false }: { readonly share: number; readonly isBad?: boolean }) {
  return (
    <svg
      viewBox="0 0 100 4"
      preserveAspectRatio="none"
      aria-hidden="true"
      className="col-span-2 block h-1 w-full rounded-full"
    >
      <rect width="100" height="4" className="fill-line/60" />
      <rect width={share * 100} height="4" className={isBad ? 'fill-bad' : 'fill-accent'} />
    </svg>
  );
}
