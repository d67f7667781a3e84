/** Aliases that a YAML document may have: enough for anchors that people write, and each is looked for in the whole document. */
export const YAML_ALIASES_MAX = 500;
/** Words and signs of a YAML document: what the longest blueprint has, and read within a second or so. */
export const YAML_TOKENS_MAX = 500_000;
/** Deepest nesting of a YAML document; settings have a tenth of it. */
export const YAML_DEPTH_MAX = 100;
/** Longest document once every alias is written out, in characters or so. */
export const YAML_EXPANDED_MAX = 4 * 1024 * 1024;
