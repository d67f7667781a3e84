import { useId } from 'react';
import { TEXTS } from '../../texts/index.ts';
import type { Preset } from './provider-shape.ts';

const texts = TEXTS.providers;
const PRESETS = Object.keys(texts.presets) as Preset[];

interface PresetChoiceProps {
  readonly value: Preset | undefined;
  readonly onChange: (preset: Preset) => void;
}

export function PresetChoice({ value, onChange }: PresetChoiceProps) {
  const name = useId();
  return (
    <fieldset>
      <legend className="sr-only">{texts.chooseTitle}</legend>
      <div className="grid grid-cols-2 gap-2 sm:grid-cols-4">
        {PRESETS.map((preset) => (
          <label
            key={preset}
            className="cursor-pointer rounded-lg border border-edge bg-raised px-3.5 py-3 hover:border-faint has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent"
          >
            <input
              type="radio"
              name={name}
              value={preset}
              checked={preset === value}
              onChange={() => onChange(preset)}
              className="sr-only"
            />
            <span className="block font-medium">{texts.presets[preset].label}</span>
            <span className="block text-xs text-quiet">{texts.presets[preset].hint}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
