import io.socket.client.IO;
import io.socket.client.Socket;
import java.net.URI;
import java.util.Map;
import org.json.JSONObject;

/** A stock socket.io-client: prints who it is, then the first change of stock. Usage: Client.java <url> <token> */
public final class Client {
  public static void main(String[] arguments) {
    IO.Options options = IO.Options.builder().setAuth(Map.of("token", arguments[1])).build();
    Socket socket = IO.socket(URI.create(arguments[0]), options);

    socket.on("connected", data ->
        System.out.println("Connected as: " + ((JSONObject) data[0]).optString("username")));
    socket.on("inventory:update", data -> {
      JSONObject item = ((JSONObject) data[0]).optJSONObject("item");
      System.out.println("Inventory updated: " + item.optString("sku") + " " + item.optInt("totalQuantity"));
      socket.disconnect();
      // Its threads would go on waiting.
      System.exit(0);
    });
    socket.on(Socket.EVENT_CONNECT_ERROR, data -> System.err.println("Refused: " + data[0]));
    socket.connect();
  }
}
