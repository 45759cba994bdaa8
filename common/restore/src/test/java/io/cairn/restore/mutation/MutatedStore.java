package io.cairn.restore.mutation;

import io.cairn.model.ObjectKey;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.restore.mutation.Mutation.Stored;
import io.cairn.storage.ObjectContent;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectPage;
import io.cairn.storage.ObjectStore;
import java.io.ByteArrayInputStream;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A store in which one object is another; the store beneath stays as it is. A proxy, so that what
 * the port offers besides goes through the changed methods too.
 */
final class MutatedStore implements InvocationHandler {

    private final ObjectStore store;
    private final ObjectKey key;
    private final Optional<Stored> stored;

    private MutatedStore(ObjectStore store, ObjectKey key, Optional<Stored> stored) {
        this.store = store;
        this.key = key;
        this.stored = stored;
    }

    static ObjectStore of(ObjectStore store, ObjectKey key, Optional<Stored> stored) {
        return (ObjectStore)
                Proxy.newProxyInstance(
                        ObjectStore.class.getClassLoader(),
                        new Class<?>[] {ObjectStore.class},
                        new MutatedStore(store, key, stored));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
            throws Throwable {
        if (method.isDefault()) {
            return InvocationHandler.invokeDefault(proxy, method, arguments);
        }
        boolean mine = arguments != null && key.equals(arguments[0]);
        if (mine && method.getName().equals("head")) {
            return stored.map(Stored::info);
        }
        if (mine && method.getName().equals("get")) {
            return arguments.length == 1
                    ? content(0, Long.MAX_VALUE)
                    : content((long) arguments[1], (long) arguments[2]);
        }
        try {
            Object answer = method.invoke(store, arguments);
            return answer instanceof ObjectPage page ? page(page) : answer;
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private ObjectContent content(long offset, long length) {
        Stored there =
                stored.orElseThrow(() ->
                        new CairnException(
                                ErrorCode.STORE_OBJECT_MISSING,
                                "there is no " + key,
                                "look for it"));
        int from = (int) Math.min(offset, there.bytes().length);
        int most = (int) Math.min(length, there.bytes().length - from);
        return ObjectContent.of(
                there.info(), most, new ByteArrayInputStream(there.bytes(), from, most));
    }

    private ObjectPage page(ObjectPage page) {
        List<ObjectInfo> objects =
                page.objects().stream()
                        .flatMap(info ->
                                info.key().equals(key)
                                        ? stored.map(Stored::info).stream()
                                        : Stream.of(info))
                        .toList();
        return new ObjectPage(objects, page.next());
    }
}
