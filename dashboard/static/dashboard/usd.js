// How an amount of US$ is written, as the server writes it (economics/dollars.py): 0.00004 is $0.00004, not $0.00.
(() => {
  "use strict";
  // An amount was worked out in binary; more digits than these are its noise.
  const DIGITS = 13;

  // The amount as a whole number of 10 ** -scale, exactly.
  const decimal = (size) => {
    const [digits, power] = size.toExponential(DIGITS - 1).split("e");
    return { whole: BigInt(digits.replace(".", "")), scale: DIGITS - 1 - Number(power) };
  };
  // With so many decimals, halves up; and whether nothing was lost.
  const rounded = ({ whole, scale }, decimals) => {
    const lost = scale - decimals;
    if (lost <= 0) return { whole: whole * 10n ** BigInt(-lost), exact: true };
    const unit = 10n ** BigInt(lost);
    return { whole: (2n * whole + unit) / (2n * unit), exact: whole % unit === 0n };
  };
  const written = (whole, decimals) => {
    const digits = whole.toString().padStart(decimals + 1, "0");
    const end = digits.length - decimals;
    const front = digits.slice(0, end).replace(/\B(?=(\d{3})+$)/g, ",");
    return decimals ? `${front}.${digits.slice(end)}` : front;
  };

  window.usd = (value) => {
    if (value === null || value === undefined) return "–";
    if (!Number.isFinite(value)) return "infinite";
    const minus = value < 0 ? "−" : "";
    if (value === 0) return "$0";
    const amount = decimal(Math.abs(value));
    const size = Number(Math.abs(value).toPrecision(DIGITS));
    const at = (decimals) => `${minus}$${written(rounded(amount, decimals).whole, decimals)}`;
    if (size >= 1000) return at(0);
    if (size >= 1 || (size >= 0.01 && rounded(amount, 2).exact)) return at(2);
    if (size >= 0.1 && rounded(amount, 3).exact) return at(3);
    if (size >= 0.0995) return at(2);
    if (size >= 0.00995) return at(3);
    // Two digits that count, without zeros at the end.
    return at(1 - Number(size.toExponential().split("e")[1])).replace(/0+$/, "");
  };

  // Large amounts for labels: $5.58M, $61.7M, $810K.
  window.usdShort = (value) => {
    for (const [limit, unit] of [[1e9, "B"], [1e6, "M"], [1e3, "K"]]) {
      if (value >= limit) {
        const part = value / limit;
        return `$${part.toFixed(part >= 99.95 ? 0 : part >= 9.995 ? 1 : 2)}${unit}`;
      }
    }
    return window.usd(value);
  };
})();
