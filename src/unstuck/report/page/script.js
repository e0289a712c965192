"use strict";
// Copies what a button names; where the clipboard is refused, by way of a selection.
for (const button of document.querySelectorAll("button[data-copy]")) {
  const was = button.textContent;
  button.addEventListener("click", async () => {
    const text = JSON.parse(document.getElementById(button.dataset.copy).textContent);
    let copied = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      copied = document.execCommand("copy");
      area.remove();
      button.focus();
    }
    button.textContent = copied ? "Copied" : "Select and copy by hand";
    document.getElementById("said").textContent = copied ? "Copied to the clipboard." : "";
    setTimeout(() => { button.textContent = was; }, 2000);
  });
}
