//! A stock rust_socketio client: prints who it is, then the first change of stock. Usage: client <url> <token>

use rust_socketio::{ClientBuilder, Payload, RawClient};
use serde_json::{json, Value};
use std::{env, process, sync::mpsc};

fn first(payload: Payload) -> Value {
    match payload {
        Payload::Text(values) => values.into_iter().next().unwrap_or_default(),
        _ => Value::Null,
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [url, token] = arguments.as_slice() else {
        eprintln!("Usage: client <url> <token>");
        process::exit(2);
    };
    let (changed, change) = mpsc::channel();
    let client = ClientBuilder::new(url)
        .auth(json!({ "token": token }))
        .on("connected", |payload: Payload, _: RawClient| {
            println!("Connected as: {}", first(payload)["username"].as_str().unwrap_or("?"));
        })
        .on("inventory:update", move |payload: Payload, _: RawClient| {
            let item = &first(payload)["item"];
            println!(
                "Inventory updated: {} {}",
                item["sku"].as_str().unwrap_or("?"),
                item["totalQuantity"]
            );
            // The other end is gone once the first change has come.
            let _ = changed.send(());
        })
        .on("error", |payload: Payload, _: RawClient| eprintln!("Refused: {payload:?}"))
        .connect()?;
    change.recv()?;
    client.disconnect()?;
    Ok(())
}
