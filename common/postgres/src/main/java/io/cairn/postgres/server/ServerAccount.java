package io.cairn.postgres.server;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The user PostgreSQL runs as: this process's own, except that PostgreSQL refuses to run as root,
 * and then it is {@code nobody}, by {@code setpriv}. That user must own the data directory and be
 * able to reach it. Where it cannot (below {@code /root}), the server runs as root without root's
 * rights, in a user namespace of its own ({@code unshare --user}), in which it takes itself for
 * {@code nobody}: then root stays the owner.
 */
final class ServerAccount {

    private record Owner(UserPrincipal user, GroupPrincipal group) {}

    private static final List<String> OWN_NAMESPACE = List.of("unshare", "--user", "--");

    /** Of a directory whose files come and go. */
    private static final int MOST_WALKS = 100;

    private final Optional<Owner> separate;
    private final List<String> prefix;

    private ServerAccount(Optional<Owner> separate, List<String> prefix) {
        this.separate = separate;
        this.prefix = prefix;
    }

    /** The user for a server on this data directory, which need not exist yet. */
    static ServerAccount of(Path dataDirectory) {
        ServerAccount account = current();
        try {
            if (account.isSeparate()
                    && account.firstClosed(dataDirectory).isPresent()
                    && namespacesWork()) {
                return new ServerAccount(Optional.empty(), OWN_NAMESPACE);
            }
        } catch (IOException e) {
            throw LocalServer.failed(dataDirectory, e.toString(), dataDirectory, e);
        }
        return account;
    }

    private static boolean namespacesWork() {
        List<String> probe = new ArrayList<>(OWN_NAMESPACE);
        probe.add("true");
        return CommandProbe.works(probe);
    }

    static ServerAccount current() {
        if (!"root".equals(System.getProperty("user.name"))) {
            return new ServerAccount(Optional.empty(), List.of());
        }
        try {
            Owner nobody = nobody();
            return new ServerAccount(
                    Optional.of(nobody),
                    List.of(
                            "setpriv",
                            "--reuid=" + nobody.user().getName(),
                            "--regid=" + nobody.group().getName(),
                            "--clear-groups",
                            "--"));
        } catch (IOException e) {
            throw new CairnException(
                    ErrorCode.POSTGRES_BOOT_FAILED,
                    "there is no user 'nobody', and PostgreSQL does not run as root",
                    "run as a user other than root",
                    e);
        }
    }

    private static Owner nobody() throws IOException {
        UserPrincipalLookupService lookup =
                Path.of("/").getFileSystem().getUserPrincipalLookupService();
        UserPrincipal user = lookup.lookupPrincipalByName("nobody");
        try {
            return new Owner(user, lookup.lookupPrincipalByGroupName("nogroup"));
        } catch (UserPrincipalNotFoundException e) {
            // Red Hat's family names the group like the user.
            return new Owner(user, lookup.lookupPrincipalByGroupName("nobody"));
        }
    }

    /** Whether it is another user than this process's. */
    boolean isSeparate() {
        return separate.isPresent();
    }

    /**
     * The command line that runs a program as this user; it replaces itself, so the process id is
     * the program's.
     */
    List<String> command(List<String> program) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(program);
        return command;
    }

    /**
     * Gives a directory and everything in it to this user. Links are changed themselves, never what
     * they point to.
     */
    Ownership own(Path directory) throws IOException {
        if (separate.isEmpty()) {
            return Ownership.UNCHANGED;
        }
        Owner before = owner(directory);
        Owner after = separate.get();
        if (before.equals(after)) {
            return Ownership.UNCHANGED;
        }
        change(directory, after);
        return () -> change(directory, before);
    }

    private static Owner owner(Path path) throws IOException {
        PosixFileAttributes attributes =
                Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        return new Owner(attributes.owner(), attributes.group());
    }

    /** Begins again where a file was renamed or removed meanwhile: WAL is fetched into it. */
    private static void change(Path directory, Owner owner) throws IOException {
        for (int tries = 1; ; tries++) {
            try {
                changeAll(directory, owner);
                return;
            } catch (NoSuchFileException e) {
                if (tries == MOST_WALKS) {
                    throw e;
                }
            }
        }
    }

    private static void changeAll(Path directory, Owner owner) throws IOException {
        FileTree.forEach(
                directory,
                path -> {
                    PosixFileAttributeView view =
                            Files.getFileAttributeView(
                                    path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
                    view.setOwner(owner.user());
                    view.setGroup(owner.group());
                });
    }

    /** How to give a directory back to whom it belonged. */
    @FunctionalInterface
    interface Ownership {
        Ownership UNCHANGED = () -> {};

        void giveBack() throws IOException;
    }

    /**
     * Makes sure that this user can reach a path: every directory above it must let others search.
     * In the system's temporary directory the missing right is granted; elsewhere that is for the
     * operator to decide.
     *
     * @throws CairnException {@link ErrorCode#POSTGRES_BOOT_FAILED} naming the directory that is
     *     closed
     */
    void reach(Path path) throws IOException {
        if (separate.isEmpty()) {
            return;
        }
        Optional<Path> closed = firstClosed(path);
        if (closed.isPresent()) {
            throw new CairnException(
                    ErrorCode.POSTGRES_BOOT_FAILED,
                    "PostgreSQL runs as 'nobody' here and cannot reach "
                            + path
                            + ": others may not search "
                            + closed.get(),
                    "choose another directory, run as a user other than root, or: chmod o+x "
                            + closed.get());
        }
        for (Path parent = path.toRealPath().getParent();
                parent != null;
                parent = parent.getParent()) {
            if (!searchable(parent)) {
                open(parent);
            }
        }
    }

    /** A directory above the path that others may not search, and that is not ours to open. */
    private Optional<Path> firstClosed(Path path) throws IOException {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir")).toRealPath();
        Path existing = existing(path.toAbsolutePath());
        // The path itself, where it exists, is given to the user and need not be open.
        Path first =
                existing.equals(path.toAbsolutePath())
                        ? existing.toRealPath().getParent()
                        : existing.toRealPath();
        for (Path parent = first; parent != null; parent = parent.getParent()) {
            if (!parent.startsWith(temporary) && !searchable(parent)) {
                return Optional.of(parent);
            }
        }
        return Optional.empty();
    }

    /** The path, or the nearest directory above it that is there. */
    private static Path existing(Path path) {
        Path parent = path.getParent();
        return parent == null || Files.exists(path) ? path : existing(parent);
    }

    private boolean searchable(Path directory) throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(directory);
        boolean own = owner(directory).user().equals(separate.orElseThrow().user());
        return permissions.contains(
                own ? PosixFilePermission.OWNER_EXECUTE : PosixFilePermission.OTHERS_EXECUTE);
    }

    private static void open(Path directory) throws IOException {
        Set<PosixFilePermission> permissions =
                EnumSet.copyOf(Files.getPosixFilePermissions(directory));
        permissions.add(PosixFilePermission.OTHERS_EXECUTE);
        Files.setPosixFilePermissions(directory, permissions);
    }
}
