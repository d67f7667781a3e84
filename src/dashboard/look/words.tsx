import { Tag } from './badge.tsx';

/** Names side by side; a dash where there are none. */
export function Words({ words }: { readonly words: readonly string[] }) {
  if (words.length === 0) return <span className="text-quiet">–</span>;
  return (
    <span className="flex flex-wrap gap-1">
      {words.map((word) => (
        <Tag key={word}>{word}</Tag>
      ))}
    </span>
  );
}
