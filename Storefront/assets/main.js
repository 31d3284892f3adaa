import "./elements/header.js";
import "./elements/more.js";
import { start } from "./lib/navigation.js";
import { isSignedIn } from "./lib/session.js";
import { programAddress } from "./lib/trusted.js";

if (isSignedIn()) {
    import("./player/element.js");
    navigator.serviceWorker?.register(programAddress("/service-worker.js"));
}

start([
    ["/", () => import("./pages/home.js")],
    ["/books/:slug", () => import("./pages/book.js")],
    ["/cart", () => import("./pages/cart.js")],
    ["/checkout", () => import("./pages/checkout.js")],
    ["/orders", () => import("./pages/orders.js")],
    ["/orders/:id", () => import("./pages/order.js")],
    ["/gifts", () => import("./pages/gifts.js")],
    ["/gifts/redeem", () => import("./pages/redeem.js")],
    ["/account", () => import("./pages/account.js")],
    ["/library", () => import("./pages/library.js")],
    ["/library/:id", () => import("./pages/listen.js")],
    ["/office/*", () => import("./office/office.js")],
]);
