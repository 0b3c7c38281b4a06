/* Zooms the pieces of the address space. Without it they are shown whole. */
"use strict";
for (const piece of document.querySelectorAll(".piece")) {
    const view = piece.querySelector(".view"), svg = view.querySelector("svg");
    const readout = document.getElementById("readout");
    const first = BigInt(piece.dataset.start), size = BigInt(piece.dataset.end) - first;
    const WHOLE = 1e6, NARROWEST = 20;
    let left = 0, width = WHOLE;

    const bytes = (number) => {
        const units = ["B", "KiB", "MiB", "GiB", "TiB"];
        let unit = 0;
        for (; number >= 999.5 && unit < 4; unit++) number /= 1024;
        return (number < 9.995 && unit ? number.toFixed(2) : number < 99.95 && unit ? number.toFixed(1)
            : number.toFixed(0)) + " " + units[unit];
    };
    const address = (x) => first + (size * BigInt(Math.round(x))) / BigInt(WHOLE);

    /* Names go where there is room for them. */
    const label = () => {
        for (const old of view.querySelectorAll(".name")) old.remove();
        for (const bar of svg.querySelectorAll("[data-name]")) {
            const from = Math.max((bar.dataset.from - left) / width, 0);
            const to = Math.min((bar.dataset.to - left) / width, 1);
            if ((to - from) * view.clientWidth < 44) continue;
            const name = document.createElement("span");
            name.className = "name on-" + bar.dataset.lane;
            name.style.left = 100 * from + "%";
            name.style.width = 100 * (to - from) + "%";
            name.textContent = bar.dataset.name;
            view.append(name);
        }
    };
    const show = () => {
        width = Math.min(Math.max(width, NARROWEST), WHOLE);
        left = Math.min(Math.max(left, 0), WHOLE - width);
        svg.setAttribute("viewBox", left + " 0 " + width + " 76");
        piece.querySelector(".from").textContent = "0x" + address(left).toString(16);
        piece.querySelector(".to").textContent = "0x" + address(left + width).toString(16);
        piece.querySelector(".size").textContent = bytes(Number(size) * width / WHOLE);
        label();
    };
    const zoom = (factor, at) => {
        left += (width - width * factor) * at;
        width *= factor;
        show();
    };
    const place = (event) => {
        const box = view.getBoundingClientRect();
        return (event.clientX - box.left) / box.width;
    };

    view.addEventListener("wheel", (event) => {
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        zoom(Math.exp(event.deltaY / 250), place(event));
    }, { passive: false });
    view.addEventListener("dblclick", (event) => zoom(0.25, place(event)));
    view.addEventListener("pointerdown", (event) => {
        view.setPointerCapture(event.pointerId);
        view.classList.add("held");
    });
    view.addEventListener("pointermove", (event) => {
        if (view.classList.contains("held")) {
            left -= event.movementX / view.clientWidth * width;
            show();
        }
    });
    for (const end of ["pointerup", "pointercancel"])
        view.addEventListener(end, () => view.classList.remove("held"));
    for (const enter of ["pointerover", "click"])
        svg.addEventListener(enter, (event) => {
            const title = event.target.querySelector && event.target !== svg && event.target.querySelector("title");
            if (title) readout.textContent = title.textContent;
        });
    view.addEventListener("keydown", (event) => {
        const keys = {
            "+": () => zoom(0.5, 0.5), "=": () => zoom(0.5, 0.5), "-": () => zoom(2, 0.5), "0": () => zoom(WHOLE, 0),
            ArrowLeft: () => { left -= width / 5; show(); }, ArrowRight: () => { left += width / 5; show(); },
        };
        if (!keys[event.key]) return;
        event.preventDefault();
        keys[event.key]();
    });
    piece.querySelector(".in").addEventListener("click", () => zoom(0.5, 0.5));
    piece.querySelector(".out").addEventListener("click", () => zoom(2, 0.5));
    piece.querySelector(".all").addEventListener("click", () => zoom(WHOLE, 0));
    addEventListener("resize", label);
    addEventListener("beforeprint", () => { zoom(WHOLE, 0); });
    show();
}
addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
});
