package io.cairn.postgres.server;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
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
 * The user PostgreSQL runs as: this process's own, except that PostgreSQL refuses to run as root, and then it is {@code
 * nobody}, by {@code setpriv}. That user must own the data directory and be able to reach it.
 */
final class ServerAccount {

    private record Owner(UserPrincipal user, GroupPrincipal group) {}

    private final Optional<Owner> separate;

    private ServerAccount(Optional<Owner> separate) {
        this.separate = separate;
    }

    static ServerAccount current() {
        if (!"root".equals(System.getProperty("user.name"))) {
            return new ServerAccount(Optional.empty());
        }
        try {
            return new ServerAccount(Optional.of(nobody()));
        } catch (IOException e) {
            throw new CairnException(
                    ErrorCode.POSTGRES_BOOT_FAILED,
                    "there is no user 'nobody', and PostgreSQL does not run as root",
                    "run as a user other than root",
                    e);
        }
    }

    private static Owner nobody() throws IOException {
        UserPrincipalLookupService lookup = Path.of("/").getFileSystem().getUserPrincipalLookupService();
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

    /** The command line that runs a program as this user; it replaces itself, so the process id is the program's. */
    List<String> command(List<String> program) {
        List<String> command = new ArrayList<>();
        separate.ifPresent(owner -> command.addAll(List.of(
                "setpriv", "--reuid=" + owner.user().getName(), "--regid=" + owner.group().getName(), "--clear-groups", "--")));
        command.addAll(program);
        return command;
    }

    /** Gives a directory and everything in it to this user. Links are changed themselves, never what they point to. */
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
        PosixFileAttributes attributes = Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        return new Owner(attributes.owner(), attributes.group());
    }

    private static void change(Path directory, Owner owner) throws IOException {
        FileTree.forEach(directory, path -> {
            PosixFileAttributeView view =
                    Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
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
     * Makes sure that this user can reach a path: every directory above it must let others search. In the system's
     * temporary directory the missing right is granted; elsewhere that is for the operator to decide.
     *
     * @throws CairnException {@link ErrorCode#POSTGRES_BOOT_FAILED} naming the directory that is closed
     */
    void reach(Path path) throws IOException {
        if (separate.isEmpty()) {
            return;
        }
        Path temporary = Path.of(System.getProperty("java.io.tmpdir")).toRealPath();
        for (Path parent = path.toRealPath().getParent(); parent != null; parent = parent.getParent()) {
            if (!searchable(parent)) {
                open(parent, parent.startsWith(temporary), path);
            }
        }
    }

    private boolean searchable(Path directory) throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(directory);
        boolean own = owner(directory).user().equals(separate.orElseThrow().user());
        return permissions.contains(own ? PosixFilePermission.OWNER_EXECUTE : PosixFilePermission.OTHERS_EXECUTE);
    }

    private static void open(Path directory, boolean temporary, Path path) throws IOException {
        if (!temporary) {
            throw new CairnException(
                    ErrorCode.POSTGRES_BOOT_FAILED,
                    "PostgreSQL runs as 'nobody' here and cannot reach " + path + ": others may not search " + directory,
                    "choose another directory, run as a user other than root, or: chmod o+x " + directory);
        }
        Set<PosixFilePermission> permissions = EnumSet.copyOf(Files.getPosixFilePermissions(directory));
        permissions.add(PosixFilePermission.OTHERS_EXECUTE);
        Files.setPosixFilePermissions(directory, permissions);
    }
}
