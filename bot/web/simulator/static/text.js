// Text of a message on the screen: links made clickable, and only the markup that Telegram knows.

const TAGS = new Set(["B", "STRONG", "I", "EM", "U", "S", "CODE", "PRE", "BLOCKQUOTE", "SPAN", "TG-SPOILER", "BR", "A"]);
const LINK = /https?:\/\/[^\s<>"]+[^\s<>".,;:!?)]/g;

function link(url, words, open) {
  const made = document.createElement("a");
  made.href = url;
  made.textContent = words;
  made.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(url);
  });
  return made;
}

export function linked(place, text, open) {
  let from = 0;
  for (const found of text.matchAll(LINK)) {
    place.append(text.slice(from, found.index), link(found[0], found[0], open));
    from = found.index + found[0].length;
  }
  place.append(text.slice(from));
}

export function filled(place, html, open) {
  const read = new DOMParser().parseFromString(html, "text/html");
  copy(read.body, place, open);
}

function copy(from, to, open) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) {
      if (from.nodeName === "A") to.append(node.data);
      else linked(to, node.data, open);
    } else if (node.nodeName === "A") to.append(link(node.href, node.textContent, open));
    else if (TAGS.has(node.nodeName)) {
      const made = document.createElement(node.nodeName === "TG-SPOILER" ? "span" : node.nodeName);
      copy(node, made, open);
      to.append(made);
    } else if (node.nodeType === Node.ELEMENT_NODE) copy(node, to, open);
  }
}
