// How the page writes figures: by the same rules as Sources/Presentation/Format.

export const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
export const seconds = (value, digits) => `${value.toFixed(digits)} s`;
export const percent = (share) => `${(100 * share).toFixed(1)} %`;

// Of an ISO 8601 text or of milliseconds since 1970, in the browser's time zone.
export const clock = (time) => new Date(time).toLocaleTimeString();

export function dollars(amount) {
  if (amount === 0 || amount >= 1) return `$${amount.toFixed(2)}`;
  return `$${amount.toFixed(amount < 0.001 ? 6 : 4)}`;
}

export function duration(length) {
  const whole = Math.max(0, Math.round(length));
  const pair = (large, name, small, smallName) => {
    const rest = Math.floor((whole % large) / small);
    return `${Math.floor(whole / large)} ${name}${rest ? ` ${rest} ${smallName}` : ""}`;
  };
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return pair(60, "min", 1, "s");
  return whole < 86400 ? pair(3600, "h", 60, "min") : pair(86400, "d", 3600, "h");
}
