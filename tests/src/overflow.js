// Gives what reaches past the page's sides, and what is cut off at the side of a part that does not scroll.
const wide = document.documentElement.clientWidth;
const name = (element) =>
  `${element.tagName.toLowerCase()}${element.id && `#${element.id}`}${[...element.classList].map((one) => `.${one}`).join("")}`;
const scrolls = (element) => /auto|scroll/.test(getComputedStyle(element).overflowX);
const hides = (element) => /hidden|clip/.test(getComputedStyle(element).overflowX);
const inside = (element, test) => {
  for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) if (test(at)) return true;
  return false;
};
const found = [];
if (document.documentElement.scrollWidth > wide) found.push(`the page scrolls to ${document.documentElement.scrollWidth} of ${wide}`);
for (const element of document.body.querySelectorAll("*")) {
  const box = element.getBoundingClientRect();
  // For screen readers only, or not there at all.
  if (box.width <= 1 || box.height <= 1 || element.closest(".spoken, .skip, [hidden]")) continue;
  if ((box.right > wide + 1 || box.left < -1) && !inside(element, (at) => scrolls(at) || hides(at)))
    found.push(`${name(element)} reaches from ${Math.round(box.left)} to ${Math.round(box.right)} of ${wide}`);
  if (hides(element) && element.scrollWidth > element.clientWidth + 1)
    found.push(`${name(element)} is cut off: ${element.scrollWidth} in ${element.clientWidth}`);
}
return found.slice(0, 8);
