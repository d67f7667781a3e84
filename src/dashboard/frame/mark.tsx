/** One scale of the pangolin's coat, its tip down, about its own centre. */
const SCALE = 'M-7-5.5Q0-9.5 7-5.5V0Q7 6 0 10.5Q-7 6-7 0Z';
const PLACES = [
  [24, 35, 0.45],
  [16, 26, 0.62],
  [32, 26, 0.62],
  [8, 17, 0.8],
  [24, 17, 0.8],
  [40, 17, 0.8],
] as const;

export function Mark() {
  return (
    <svg viewBox="0 0 48 48" width="26" height="26" aria-hidden="true" className="fill-accent">
      {PLACES.map(([x, y, strength]) => (
        <path key={`${x} ${y}`} d={SCALE} transform={`translate(${x} ${y})`} fillOpacity={strength} />
      ))}
    </svg>
  );
}
