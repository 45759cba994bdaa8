package io.cairn.storage.policy;

import io.cairn.testing.StoreOperation;
import io.cairn.testing.StoreRights;

/** Lets the storage proxy of the tests enforce a policy as it stands. */
public record PolicyRights(StoragePolicy policy) implements StoreRights {

    public static PolicyRights of(Principal principal) {
        return new PolicyRights(StoragePolicy.of(principal));
    }

    @Override
    public boolean allows(StoreOperation operation, String key) {
        return switch (operation) {
            case LIST -> policy.allows(Action.LIST, key);
            case READ -> policy.allows(Action.READ, key);
            case READ_METADATA ->
                    policy.allows(Action.READ_METADATA, key) || policy.allows(Action.READ, key);
            case CREATE -> policy.allows(Action.CREATE, key);
            case REPLACE -> policy.allows(Action.REPLACE, key);
            case DELETE -> policy.allows(Action.DELETE, key);
            case RETAIN -> policy.allows(Action.RETAIN, key);
            case HOLD -> policy.allows(Action.HOLD, key);
            case TAG -> policy.allows(Action.TAG, key);
            case THAW -> policy.allows(Action.THAW, key);
            case OVERWRITE, OTHER -> false;
        };
    }
}
