// The texts of a page that are seen and whose contrast is below 4.5 to 1, each with its colours.
const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
const over = ([r, g, b, a = 1], back) => [r, g, b].map((value, n) => value * a + back[n] * (1 - a));
const light = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
const luminance = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);

function behind(element) {
  if (!element) return [255, 255, 255];
  const colour = channels(getComputedStyle(element).backgroundColor);
  return colour.length === 3 || colour[3] === 1 ? colour.slice(0, 3) : over(colour, behind(element.parentElement));
}

const found = [];
const top = document.querySelector("dialog[open]") || document.body;
for (const element of top.querySelectorAll("*")) {
  const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join("").trim();
  if (!text || !element.checkVisibility({ visibilityProperty: true }) || element.closest("script, style")) continue;
  const back = behind(element);
  const pair = [luminance(over(channels(getComputedStyle(element).color), back)), luminance(back)].sort((a, b) => b - a);
  const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
  if (ratio < 4.5) found.push(`${text.slice(0, 40)}: ${ratio.toFixed(2)}`);
}
return found;
